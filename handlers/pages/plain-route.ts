/** A route that answers by itself: pages and forms, no JSON contract. */
export interface PlainRoute {
  method: 'GET' | 'POST'
  path: string
  handle(request: Request, params: Record<string, string>): Response | Promise<Response>
}
