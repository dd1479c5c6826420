/** A service that listens everywhere is asked on the loopback. */
export function localAddress(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

export function localUrl(host: string, port: number): string {
  return `http://${localAddress(host, port)}`;
}
