import type { Answers } from '../cluster/answers'
import type { Host, Service } from '../config/cluster'
import type { Disk } from '../models/disk/found-model'

/** One host after its examination: what is declared of it and what it said. */
export interface Examined {
  host: Host
  answers: Answers
  /** What lies on its disk; null where it could not tell. */
  disk: Disk | null
  /** When it was asked and when the answer was whole, by the controller's clock in ms. */
  asked: number
  answered: number
  /** Services that stand on it. */
  services: Service[]
  /** Sparks that it starts containers on. */
  workers: Host[]
  /** Images that recipes need on it, each with the ids of those recipes. */
  images: Map<string, string[]>
}
