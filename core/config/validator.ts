import Ajv2020 from 'ajv/dist/2020'

/** Ajv as every declared file is validated with: all errors, each with the schema it came from. */
export function newValidator(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
  })
  // Read by editors (yaml-language-server) and by our own messages.
  return ajv.addVocabulary(['patternErrorMessage', 'errorMessage'])
}
