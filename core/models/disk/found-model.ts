/** How a model on a disk stands: whole, cut off, growing, or not there while another host has it. */
export type DiskState = 'ready' | 'partial' | 'downloading' | 'missing'

/** One model as it lies on one host's disk. */
export interface FoundModel {
  /** `org/name`; a plain folder `<declared folder>/acme/tune` is `acme/tune`, `<declared folder>/tune` is `local/tune`. */
  repo: string
  /** `hub` is a folder of a Hugging Face cache, `folder` a plain one with a config.json, `gguf` one that holds only GGUF files. */
  layout: 'hub' | 'folder' | 'gguf'
  /** Its weights are GGUF files, wherever they lie. */
  gguf: boolean
  /** The hub directory or declared folder it lies in, absolute. */
  cache: string
  /** The snapshot (or plain folder) that is loaded, absolute; null while no revision is there at all. */
  path: string | null
  /** 40 hex digits; null for what is no hub layout. */
  commit: string | null
  /** Every revision that has a snapshot, the one that is loaded first. */
  revisions: string[]
  /** Bytes of all files of the loaded revision, links followed, and of what is being downloaded. */
  bytes: number
  /** Bytes of the weights alone: what a launch reads. */
  weightBytes: number
  /** Bytes of all files when it is whole; null where nothing tells. */
  expectedBytes: number | null
  state: Exclude<DiskState, 'missing'>
  /** Why it is not ready, worst first, each with the file's name: `model-00002-of-00005.safetensors: is 3.1 GB short`. */
  problems: string[]
  /** Why it can't be launched from where it lies though it may be whole: a link that no container could follow; else null. */
  outside: string | null
  /** Names of weight files that are missing, short or dangling, as they stand in the snapshot. */
  damaged: string[]
  /** The parsed config.json and hf_quant_config.json; null where there is none or it cannot be read. */
  config: Record<string, unknown> | null
  quantConfig: Record<string, unknown> | null
}

/** One place on a host where models lie. */
export interface ModelCache {
  /** Absolute. */
  path: string
  layout: 'hub' | 'folder'
  /** Downloads of the login go there: `HF_HUB_CACHE`, else what `HF_HOME` or `XDG_CACHE_HOME` say, else the usual place. */
  own: boolean
  /** A launch mounts it by itself: `$HF_HOME/hub`, else `~/.cache/huggingface/hub`, which is `own` save where other variables are set. */
  mounted: boolean
  /** What has to be mounted of it: where it leads if it is itself a link, else `path`. */
  real: string
  /** Why it can't be looked into; null where it can. */
  problem: string | null
}

/** A host's disks, as far as models lie on them. */
export interface Disk {
  host: string
  /** RFC 3339. */
  seenAt: string
  caches: ModelCache[]
  models: FoundModel[]
  /** Of the file system of the own cache; null where `df` did not tell. */
  availableBytes: number | null
  totalBytes: number | null
  /** Absolute paths of what an interrupted delete has left. */
  leftovers: string[]
}
