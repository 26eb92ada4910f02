/**
 * What the hub service says to this page: who opened it, and the key that the page acts with.
 */

export interface IFacts {
  /** Sent with each call; it stands for the log-in of the person who opened the page. */
  readonly key: string;
  readonly user: string;
  /** False for an owner of projects, who sees those. */
  readonly isAdmin: boolean;
  /** The address of the service's API. */
  readonly api: string;
  /** The address of JupyterHub's own pages, with a slash at its end. */
  readonly hub: string;
  readonly version: string;
}

/** The facts in the page's element, which forgets them. */
export function takeFacts(element: HTMLElement): IFacts {
  const text = element.dataset.facts;
  if (text === undefined) {
    throw new Error('The page was drawn without facts.');
  }
  delete element.dataset.facts;
  return JSON.parse(text) as IFacts;
}
