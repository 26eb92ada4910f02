/**
 * Pages of the hub service, which a person opens beside the lab.
 */
import { PageConfig } from '@jupyterlab/coreutils';

/** The address of a page of the hub service; null in a lab without a hub. */
export function hubPage(path: string): string | null {
  const prefix = PageConfig.getOption('hubPrefix');
  if (!prefix) {
    return null;
  }
  const base = prefix.replace(/hub\/?$/, '');
  return `${PageConfig.getOption('hubHost')}${base}services/orrery/${path}`;
}
