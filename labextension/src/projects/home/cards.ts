/**
 * The registry of the cards that capabilities show on Home.
 */
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IHome, IHomeCard } from '../../base/home';

/** Cards by rank. */
export class HomeCards implements IHome {
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get cards(): readonly IHomeCard[] {
    return this._cards;
  }

  addCard(card: IHomeCard): IDisposable {
    this._set([...this._cards, card]);
    return new DisposableDelegate(() =>
      this._set(this._cards.filter(other => other !== card))
    );
  }

  private _set(cards: readonly IHomeCard[]): void {
    this._cards = [...cards].sort((a, b) => a.rank - b.rank);
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _cards: readonly IHomeCard[] = [];
}
