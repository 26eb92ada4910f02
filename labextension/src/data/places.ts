/**
 * Favourites and what was opened last, remembered in the lab's state.
 */
import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

import { keyOf } from './path';
import type { IDataPlace } from './tokens';

/** A place that is remembered, and what it was called. */
export interface IKnownPlace extends IDataPlace {
  readonly name: string;
  readonly kind: string;
}

interface IPlaces {
  readonly favourites: readonly IKnownPlace[];
  readonly recent: readonly IKnownPlace[];
}

const KEY = 'orrery-data:places';
const MOST_RECENT = 8;
const MOST_FAVOURITES = 100;

/** The favourites and the recent places of a person in this lab. */
export class PlaceStore {
  constructor(private readonly state: IStateDB | null) {
    void this._load();
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get favourites(): readonly IKnownPlace[] {
    return this._places.favourites;
  }

  get recent(): readonly IKnownPlace[] {
    return this._places.recent;
  }

  isFavourite({ location, path }: IDataPlace): boolean {
    return this.favourites.some(place => isSame(place, { location, path }));
  }

  /** Make a place a favourite, or no longer. */
  toggle(place: IKnownPlace): void {
    const others = this.favourites.filter(other => !isSame(other, place));
    const isNew = others.length === this.favourites.length;
    const favourites = isNew ? [...others, place].slice(-MOST_FAVOURITES) : others;
    this._set({ ...this._places, favourites });
  }

  /** Note that a place was opened. */
  note(place: IKnownPlace): void {
    const others = this.recent.filter(other => !isSame(other, place));
    this._set({ ...this._places, recent: [place, ...others].slice(0, MOST_RECENT) });
  }

  /** Forget what lies in a location that is gone. */
  forget(location: string): void {
    const isOther = (place: IKnownPlace): boolean => place.location !== location;
    this._set({
      favourites: this.favourites.filter(isOther),
      recent: this.recent.filter(isOther)
    });
  }

  private async _load(): Promise<void> {
    const value = (await this.state?.fetch(KEY).catch(() => null)) as unknown;
    const { favourites, recent } = (value ?? {}) as Partial<Record<string, unknown>>;
    this._places = { favourites: placesIn(favourites), recent: placesIn(recent) };
    this._changed.emit();
  }

  private _set(places: IPlaces): void {
    this._places = places;
    this._changed.emit();
    // What cannot be remembered now is so for this page alone.
    void this.state
      ?.save(KEY, places as unknown as ReadonlyPartialJSONValue)
      .catch(() => undefined);
  }

  private readonly _changed = new Signal<this, void>(this);
  private _places: IPlaces = { favourites: [], recent: [] };
}

function isSame(place: IDataPlace, other: IDataPlace): boolean {
  return keyOf(place.location, place.path) === keyOf(other.location, other.path);
}

function placesIn(value: unknown): readonly IKnownPlace[] {
  return Array.isArray(value) ? value.filter(isPlace) : [];
}

function isPlace(value: unknown): value is IKnownPlace {
  const place = (value ?? {}) as Partial<Record<string, unknown>>;
  return ['location', 'path', 'name', 'kind'].every(
    field => typeof place[field] === 'string'
  );
}
