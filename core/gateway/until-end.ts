/** The same answer; `ended` is called once its body was passed on, was given up, or failed. */
export function untilEnd(answer: Response, ended: () => void): Response {
  if (!answer.body) {
    ended()
    return answer
  }
  const reader = answer.body.getReader()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read()
        if (!done) return controller.enqueue(value)
        ended()
        controller.close()
      } catch (error) {
        ended()
        controller.error(error)
      }
    },
    cancel(reason) {
      ended()
      return reader.cancel(reason)
    },
  })
  return new Response(body, answer)
}
