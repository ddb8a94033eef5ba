import manifest from '../package.json' with { type: 'json' }

/** This program's version, `X.Y.Z`. */
export const version: string = manifest.version
