/** Whether a model with these capabilities can answer on a path, as far as they tell. */
export function fitsPath(path: string, capabilities: readonly string[]): boolean {
  if (path === '/v1/embeddings') return capabilities.includes('embed')
  if (path === '/v1/rerank') return capabilities.includes('rerank')
  const only = capabilities.length > 0 && capabilities.every((each) => each === 'embed' || each === 'rerank')
  return !(only && talks.includes(path))
}

const talks = ['/v1/chat/completions', '/v1/completions', '/v1/messages', '/v1/responses']
