/**
 * The hub's pages of this server, each of which leads back to where the person is in the lab now.
 */
import { PageConfig } from '@jupyterlab/coreutils';

/** So long the waiting page asks again while the server has stopped and does not start yet. */
const RESTART_MS = 120_000;

/** Addresses of the hub's pages of one server. */
export interface IHubPages {
  /** Shows a start or a stop that goes on, and leads to the server once it runs. */
  pending(): string;
  /** The same for a server that is started anew: between stop and start the page goes on waiting. */
  restarting(): string;
  /** Starts the server again. */
  start(): string;
}

/** The pages of this server; null in a lab without a hub. */
export function hubPages(
  location: Pick<Location, 'href' | 'pathname' | 'search'> = window.location
): IHubPages | null {
  const prefix = PageConfig.getOption('hubPrefix');
  if (!prefix) {
    return null;
  }
  const host = PageConfig.getOption('hubHost');
  const names = [
    PageConfig.getOption('hubUser'),
    PageConfig.getOption('hubServerName')
  ];
  const server = names.filter(Boolean).map(encodeURIComponent).join('/');
  const page = (name: string, more: Record<string, string> = {}): string => {
    // A hub with a host for each person is another site.
    const next = host ? location.href : `${location.pathname}${location.search}`;
    const query = new URLSearchParams({ next, ...more });
    return `${host}${prefix.replace(/\/?$/, '/')}${name}/${server}?${query.toString()}`;
  };
  return {
    pending: () => page('spawn-pending'),
    restarting: () =>
      page('spawn-pending', { 'restart-until': String(Date.now() + RESTART_MS) }),
    start: () => page('spawn')
  };
}
