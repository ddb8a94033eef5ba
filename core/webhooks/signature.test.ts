import { expect, test } from 'bun:test'
import { signedHeaders } from './signature'

// The example of the specification's own libraries.
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1614265330, body: '{"test": 2432232314}' }
const known = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

test('signedHeaders() gives the signature that Standard Webhooks publishes', () => {
  expect(signedHeaders(message, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')).toEqual({
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': known,
  })
})

test('signedHeaders() takes a secret without the prefix as its bytes', () => {
  expect(signedHeaders(message, `whsec_${Buffer.from('a plain secret').toString('base64')}`)).toEqual(
    signedHeaders(message, 'a plain secret'),
  )
})

test('signedHeaders() signs with both while one secret replaces another', () => {
  const both = signedHeaders(message, 'whsec_bmV3c2VjcmV0 whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
  const signatures = both?.['webhook-signature']?.split(' ') ?? []
  expect(signatures).toHaveLength(2)
  expect(signatures[1]).toBe(known)
})

test('signedHeaders() gives nothing for a secret without a key', () => {
  expect(signedHeaders(message, 'whsec_')).toBeNull()
  expect(signedHeaders(message, '')).toBeNull()
})
