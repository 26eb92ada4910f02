/**
 * What Home knows.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IHomeCard, IHomeItem } from '../../base/home';
import type { ProjectsModel } from '../model';
import type { Home, Project } from '../schemas';
import type { ProjectState } from '../tokens';
import type { HomeCards } from './cards';

/** A card and what its capability said last; `error` is why it says nothing. */
export interface ICardContent {
  card: IHomeCard;
  items: readonly IHomeItem[];
  error?: unknown;
}

/** Home's data; it is asked for again whenever the current project is. */
export class HomeModel implements IDisposable {
  constructor(
    private readonly _projects: ProjectsModel,
    private readonly _registry: HomeCards,
    private readonly _ask: (signal: AbortSignal) => Promise<Home>
  ) {
    _projects.changed.connect(this._follow, this);
    _registry.changed.connect(this._onCards, this);
  }

  home: Home | null = null;
  state: ProjectState = 'idle';
  error: unknown = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get cards(): readonly ICardContent[] {
    return this._registry.cards.map(
      card => this._contents.get(card) ?? { card, items: [] }
    );
  }

  /** The project that the whole lab shows; Home's own answer before that is known. */
  get project(): Project | null {
    const { current, state } = this._projects;
    return state === 'idle' || state === 'loading'
      ? (this.home?.project ?? null)
      : current;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._abort?.abort();
    Signal.clearData(this);
  }

  /** Ask the server and the capabilities; a question that is under way is dropped. */
  async refresh(): Promise<void> {
    this._abort?.abort();
    const abort = (this._abort = new AbortController());
    this._update(this.home ? 'ready' : 'loading', null);
    const cards = this._registry.cards.map(card => this._loadCard(card, abort.signal));
    try {
      const home = await this._ask(abort.signal);
      if (!abort.signal.aborted) {
        this.home = home;
        this._update('ready', null);
        this._compare(home);
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        this._update('failed', error);
      }
    }
    await Promise.all(cards);
  }

  /** Ask for the current project too: what is wrong may be wrong with both. */
  async retry(): Promise<void> {
    await this._projects.refresh();
  }

  /** A project that was left or chosen elsewhere is left or chosen here too. */
  private _compare({ project }: Home): void {
    const { current, state } = this._projects;
    if (state === 'ready' && project?.slug !== current?.slug) {
      void this._projects.check();
    }
  }

  /** A capability that fails takes nothing but the items of its own card away. */
  private async _loadCard(card: IHomeCard, signal: AbortSignal): Promise<void> {
    const content: ICardContent = { card, items: [] };
    try {
      content.items = (await card.load?.(signal, this.project?.slug ?? null)) ?? [];
    } catch (error) {
      content.error = error;
    }
    if (!signal.aborted) {
      this._contents.set(card, content);
      this._changed.emit();
    }
  }

  /** A capability that came late is asked by itself. */
  private readonly _onCards = (): void => {
    const signal = this._abort?.signal;
    if (signal) {
      this._registry.cards
        .filter(card => !this._contents.has(card))
        .forEach(card => void this._loadCard(card, signal));
    }
    this._changed.emit();
  };

  private readonly _follow = (): void => {
    if (this._projects.state === 'ready') {
      void this.refresh();
    } else if (this._projects.state === 'failed') {
      this._abort?.abort();
      this._update('failed', this._projects.error);
    }
  };

  private _update(state: ProjectState, error: unknown): void {
    this.state = state;
    this.error = error;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _contents = new Map<IHomeCard, ICardContent>();
  private _abort: AbortController | undefined;
  private _isDisposed = false;
}
