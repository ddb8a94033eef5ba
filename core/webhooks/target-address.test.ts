import { expect, test } from 'bun:test'
import { systemClock } from '../clock'
import { targetAddress } from './target-address'

const of = (url: string, controlPort: number | null = 9999) => targetAddress(new URL(url), controlPort, systemClock)

test('targetAddress() takes addresses of the LAN and of this machine, and resolves a name', async () => {
  expect(await of('http://192.0.2.20:9999/')).toBe('192.0.2.20')
  expect(await of('http://127.0.0.1:9998/')).toBe('127.0.0.1')
  expect(await of('http://localhost:9998/')).toBe('127.0.0.1')
})

test('targetAddress() never sends to this controller itself', async () => {
  for (const url of ['http://127.0.0.1:9999/', 'http://127.0.0.77:9999/', 'http://localhost:9999/api/swap'])
    await expect(of(url)).rejects.toThrow('is this controller itself')
  await expect(of('http://127.0.0.1/', 80)).rejects.toThrow('is this controller itself')
  await expect(of('https://127.0.0.1/', 443)).rejects.toThrow('is this controller itself')
})

test('targetAddress() refuses link-local and multicast addresses and names without an address', async () => {
  await expect(of('http://169.254.169.254/')).rejects.toThrow('refused: 169.254.169.254 is a link-local address')
  await expect(of('http://224.0.0.1/')).rejects.toThrow('refused')
  await expect(of('http://nobody.invalid/')).rejects.toThrow('the name nobody.invalid has no IPv4 address')
})
