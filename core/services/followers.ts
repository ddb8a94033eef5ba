/** How many logs may be followed at once: all together, of one service, and over one login. */
export interface Followers {
  /** Takes a place; the way to give it back, or which limit is reached. @param login `spark-1 ubuntu` */
  take(service: string, login: string): { release(): void } | 'service' | 'login' | 'all'
}

/** Each holds one of the 8 channels of its login's connection for logs; three stay for those who only ask for its end. */
export function followers({ most = 16, mostOfService = 4, mostOfLogin = 5 } = {}): Followers {
  const held: { service: string; login: string }[] = []
  return {
    take(service, login) {
      if (held.filter((each) => each.service === service).length >= mostOfService) return 'service'
      if (held.filter((each) => each.login === login).length >= mostOfLogin) return 'login'
      if (held.length >= most) return 'all'
      const place = { service, login }
      held.push(place)
      return {
        release() {
          const index = held.indexOf(place)
          if (index >= 0) held.splice(index, 1)
        },
      }
    },
  }
}
