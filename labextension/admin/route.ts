/**
 * Which view is shown, and how it is narrowed: after the hash of the address, so that Back works and a link can be sent.
 */
import { Store } from './store';

export interface IRoute {
  readonly view: string;
  readonly params: Readonly<Record<string, string>>;
}

/** The view and parameters in the hash of an address. */
export function parseHash(hash: string): IRoute {
  const [view = '', search = ''] = hash.replace(/^#/, '').split('?', 2);
  return { view, params: Object.fromEntries(new URLSearchParams(search)) };
}

/** The hash of a view; parameters that say nothing are left out. */
export function formatHash({ view, params }: IRoute): string {
  const entries = Object.entries(params).filter(([, value]) => value !== '');
  const search = new URLSearchParams(entries).toString();
  return `#${view}${search && `?${search}`}`;
}

/** The route of the page, kept equal to its address. */
export class Router {
  constructor(private readonly _window: Window = window) {
    this.route = new Store(parseHash(_window.location.hash));
    _window.addEventListener('hashchange', () => {
      this.route.set(parseHash(_window.location.hash));
    });
  }

  readonly route: Store<IRoute>;

  /** Show another view. */
  open(view: string, params: Readonly<Record<string, string>> = {}): void {
    this._window.location.hash = formatHash({ view, params });
  }

  /** Narrow the view that is shown, without a step of its own in the history. */
  narrow(change: Readonly<Record<string, string>>): void {
    const { view, params } = this.route.value;
    const route = { view, params: { ...params, ...change } };
    this._window.history.replaceState(null, '', formatHash(route));
    this.route.set(route);
  }
}
