/** The vLLM that is played. */
export const VERSION = '0.27.1'
