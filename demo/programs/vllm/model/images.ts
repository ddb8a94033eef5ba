/** Width and height in pixels. */
export interface ImageSize {
  width: number
  height: number
}

const JPEG_FRAMES = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]
const PATCH = 32
/** What an uncapped processor of transformers 5.15 keeps of an image's tokens. */
const TRUNCATED_AT = 2048

/** Reads the size from the header of a PNG or JPEG in a data URL; null for anything else. */
export function imageSize(url: string): ImageSize | null {
  const [, encoded] = /^data:image\/[\w.+-]+;base64,(.*)$/s.exec(url) ?? []
  if (encoded === undefined) return null
  const bytes = Buffer.from(encoded, 'base64')
  return pngSize(bytes) ?? jpegSize(bytes)
}

/** Tokens that an image takes: one for each patch, after it was scaled to `maxPixels`. */
export function imageTokens({ width, height }: ImageSize, maxPixels: number | null): number {
  const scale = maxPixels === null ? 1 : Math.min(1, Math.sqrt(maxPixels / (width * height)))
  return Math.max(1, Math.floor((width * scale) / PATCH)) * Math.max(1, Math.floor((height * scale) / PATCH))
}

/** vLLM's words when an image has more tokens than the processor keeps, or null. */
export function imageMismatch(tokens: number, capped: boolean): string | null {
  if (capped || tokens <= TRUNCATED_AT) return null
  return `Mismatch in \`image\` token count between text and \`input_ids\`. Got ids=[${TRUNCATED_AT}] and text=[${tokens}]. Likely due to \`truncation='max_length'\`. Please disable truncation or increase \`max_length\`.`
}

function pngSize(bytes: Buffer): ImageSize | null {
  if (bytes.length < 24 || bytes.readUInt32BE(0) !== 0x89504e47) return null
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
}

function jpegSize(bytes: Buffer): ImageSize | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null
  for (let at = 2; at + 9 < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at] !== 0xff) return null
    if (JPEG_FRAMES.includes(bytes[at + 1] ?? 0))
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) }
  }
  return null
}
