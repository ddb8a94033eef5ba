/** Does a network interface belong to a VPN (WireGuard, Tailscale, NetBird), by its name? */
export function isVpn(name: string): boolean {
  return /^(wg|tailscale|ts|nb-|wt)/.test(name)
}
