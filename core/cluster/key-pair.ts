import ssh2 from 'ssh2'

/** A new ed25519 pair in OpenSSH text: the private key, and the public one as a line of `authorized_keys`. */
export function freshKeyPair(comment = ''): { private: string; public: string } {
  // ssh2 1.17.0 writes about one pair in 400 such that neither half can be read again.
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
    const read = [pair.private, pair.public].map((text) => ssh2.utils.parseKey(text))
    if (!read.some((key) => key instanceof Error)) return pair
  }
}
