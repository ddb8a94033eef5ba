/** Foreign text for people to read: without control characters and of bounded length. */
export function plainText(text: string, most = 200): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '').slice(0, most)
}
