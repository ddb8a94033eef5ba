/** How many logs may be followed at once, all together and of one service. */
export interface Followers {
  /** Takes a place; the way to give it back, or which limit is reached. */
  take(service: string): { release(): void } | 'service' | 'all'
}

export function followers({ most = 16, mostOfService = 4 } = {}): Followers {
  const places = new Map<string, number>()
  return {
    take(service) {
      const all = [...places.values()].reduce((sum, each) => sum + each, 0)
      const mine = places.get(service) ?? 0
      if (mine >= mostOfService) return 'service'
      if (all >= most) return 'all'
      places.set(service, mine + 1)
      let held = true
      return {
        release() {
          if (!held) return
          held = false
          places.set(service, (places.get(service) ?? 1) - 1)
        },
      }
    },
  }
}
