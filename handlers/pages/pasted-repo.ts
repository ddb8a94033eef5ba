/** The model that somebody means who types its name or pastes the address of its page. */
export function pastedRepo(text: string): string {
  const typed = text.trim()
  const page = /^https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/([^/\s?#]+\/[^/\s?#]+)/i.exec(typed)
  return page?.[1] ?? typed.replace(/^\/+|\/+$/g, '')
}
