import { expect, test } from 'bun:test'
import { readListening } from './listening'

const ss = `LISTEN 0      128          0.0.0.0:22        0.0.0.0:*
LISTEN 0      4096   127.0.0.53%lo:53        0.0.0.0:*
LISTEN 0      4096    192.168.177.11:29501   0.0.0.0:*
LISTEN 0      2048         0.0.0.0:8888      0.0.0.0:*    users:(("vllm",pid=1,fd=3))
LISTEN 0      511                *:3000            *:*
LISTEN 0      4096            [::]:8188         [::]:*
LISTEN 0      4096           [::1]:631          [::]:*
LISTEN 0      4096      127.0.0.11:8088      0.0.0.0:*
`
const proc = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:22B8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0B01A8C0:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1
   3: 0B01A8C0:0016 0C01A8C0:D431 01 00000000:00000000 00:00000000 00000000     0        0 4 1
   0: 00000000000000000000000001000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0 0 0 5 1
`
const ports = (text: string, asked: string) => readListening(text, asked).map(({ port }) => port)

test('readListening() tells which ports of ss can be reached by the address', () => {
  expect(ports(ss, '192.168.1.11')).toEqual([22, 3000, 8188, 8888])
  expect(ports(ss, '192.168.177.11')).toEqual([22, 3000, 8188, 8888, 29501])
})

test('readListening() leaves out what is bound to another address, as to loopback', () => {
  const elsewhere = ports(ss, '192.0.2.1')
  expect(elsewhere).toEqual([22, 3000, 8188, 8888])
  expect(ports(ss, '127.0.0.11')).toEqual([...elsewhere, 8088].toSorted((a, b) => a - b))
})

test('readListening() reads /proc/net/tcp where there is no ss', () => {
  expect(ports(proc, '192.168.1.11')).toEqual([8080, 8888])
})
