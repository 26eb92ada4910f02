/**
 * A list that something is chosen from: a search field, what matches, and what else can be done.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { checkIcon, searchIcon, type LabIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useId, useRef, useState } from 'react';

import { Button } from '../controls';
import { useSignal } from '../hooks';
import { sentence } from '../notify';
import type { ListModel } from '../panel/listmodel';
import { Popup } from './popup';

/** A list that is searched by one text. */
type SearchModel<T> = ListModel<T, { q: string }>;

/** Something that can be chosen. */
export interface IChoice {
  /** Stays the same when the list is drawn again. */
  key: string;
  icon: LabIcon;
  label: string;
  /** One quiet text behind the label. */
  meta?: string;
  title?: string;
  /** Whether it is what holds now. */
  isCurrent?: boolean;
  choose: () => void;
  /** What else can be done with it: a button at its end, or Shift+Enter. */
  second?: { icon: LabIcon; label: string; choose: () => void };
}

/** What the parts of a list are called, and what is said in the place of items. */
export interface IPickerLabels {
  /** The popup, such as "Switch project". */
  title: string;
  /** The list, such as "Projects". */
  list: string;
  /** The search field, such as "Search projects". */
  search: string;
  loading: string;
  empty: string;
  noMatch: (query: string) => string;
}

export interface IPickerOptions<T> {
  trans: TranslationBundle;
  /** The element below which the list hangs. */
  anchor: HTMLElement;
  labels: IPickerLabels;
  /** The items by what is searched for; disposed of with the list. */
  model: SearchModel<T>;
  /** What is searched while the server has not answered yet. */
  textOf: (item: T) => string;
  choiceOf: (item: T) => IChoice;
  /** What else can be chosen; it stays in sight above the items, however many those are. */
  others: (query: string) => readonly IChoice[];
}

/** The list, below its anchor. */
export class Picker<T> extends Popup {
  constructor(private readonly _options: IPickerOptions<T>) {
    super(_options.anchor, _options.labels.title);
    this.addClass('orrery-picker');
  }

  override dispose(): void {
    this._options.model.dispose();
    super.dispose();
  }

  override open(): void {
    void this._options.model.open();
    super.open();
  }

  protected override render(): JSX.Element {
    return (
      <PickerBody {...this._options} choose={({ choose }) => this.leave(choose)} />
    );
  }
}

interface IPickerProps<T> extends IPickerOptions<T> {
  choose: (choice: Pick<IChoice, 'choose'>) => void;
}

function PickerBody<T>(props: IPickerProps<T>): JSX.Element {
  const { choose, choiceOf, labels, model, others, trans } = props;
  useSignal(model.changed);
  const [active, setActive] = useState<string | null>(null);
  const base = useId();
  const query = model.query.q ?? '';
  const items = matches(props, query);
  const fixed = others(query);
  const choices = [...fixed, ...items.map(choiceOf)];
  const isSure = items.length > 0 || stateOf(model) === 'ready';
  const key = active ?? defaultKey(choices, query, isSure ? fixed.length : null);
  const at = choices.findIndex(choice => choice.key === key);
  return (
    <>
      <SearchBox
        activeId={at < 0 ? undefined : `${base}-${at}`}
        label={labels.search}
        listId={`${base}-list`}
        onKeyDown={event => onKeyDown(event, choices, at, setActive, choose)}
        onSearch={text => {
          model.filter({ q: text });
          setActive(null);
        }}
        query={query}
      />
      <Notice {...props} count={items.length} query={query} trans={trans} />
      <div
        aria-label={labels.list}
        className="orrery-picker-list"
        id={`${base}-list`}
        role="listbox"
      >
        {[choices.slice(0, fixed.length), choices.slice(fixed.length)].map(
          (group, part) =>
            group.length > 0 && (
              <ul key={part} role="group" data-fixed={part === 0 || undefined}>
                {group.map((choice, index) => (
                  <Choice
                    key={choice.key}
                    choice={choice}
                    choose={choose}
                    id={`${base}-${index + part * fixed.length}`}
                    isActive={choice.key === key}
                    onHover={() => setActive(choice.key)}
                  />
                ))}
              </ul>
            )
        )}
      </div>
    </>
  );
}

type PickerState = 'loading' | 'ready' | 'failed';

/** How the search for what is in the field now goes. */
function stateOf<T>({ outdated, state }: SearchModel<T>): PickerState {
  return outdated || state === 'idle' ? 'loading' : state;
}

/** The items, if they are the answer to this search; until then those of the last answer that match. */
function matches<T>({ model, textOf }: IPickerProps<T>, query: string): readonly T[] {
  switch (stateOf(model)) {
    case 'ready':
      return model.items;
    case 'failed':
      return [];
    default: {
      const words = query.toLowerCase().split(/\s+/);
      return model.items.filter(item =>
        words.every(word => textOf(item).toLowerCase().includes(word))
      );
    }
  }
}

/**
 * What Enter chooses when no arrow was pressed; nothing that changes anything unless it was searched for.
 *
 * `first` is where the items begin; null while they are not known.
 */
function defaultKey(
  choices: readonly IChoice[],
  query: string,
  first: number | null
): string | undefined {
  if (query === '') {
    return choices.find(({ isCurrent }) => isCurrent)?.key;
  }
  return first === null ? undefined : (choices.at(first) ?? choices.at(0))?.key;
}

/** Move by arrows and page keys; choose with Enter. */
function onKeyDown(
  event: React.KeyboardEvent,
  choices: readonly IChoice[],
  at: number,
  setActive: (key: string) => void,
  choose: (choice: Pick<IChoice, 'choose'>) => void
): void {
  const last = choices.length - 1;
  const moves: Record<string, number> = {
    ArrowDown: at === last ? 0 : at + 1,
    ArrowUp: at <= 0 ? last : at - 1,
    PageDown: last,
    PageUp: 0
  };
  if (event.key in moves) {
    event.preventDefault();
    setActive(choices[moves[event.key]].key);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    if (at >= 0) {
      const choice = choices[at];
      choose((event.shiftKey && choice.second) || choice);
    }
  }
}

interface ISearchBoxProps {
  activeId: string | undefined;
  label: string;
  listId: string;
  onKeyDown: (event: React.KeyboardEvent) => void;
  onSearch: (query: string) => void;
  query: string;
}

function SearchBox(props: ISearchBoxProps): JSX.Element {
  const { activeId, label, listId, onKeyDown: onKey, onSearch, query } = props;
  return (
    <div className="orrery-picker-search">
      <searchIcon.react tag="span" className="orrery-picker-icon" />
      <input
        aria-activedescendant={activeId}
        aria-autocomplete="list"
        aria-controls={listId}
        aria-expanded="true"
        aria-label={label}
        autoComplete="off"
        autoFocus
        onChange={event => onSearch(event.target.value)}
        onKeyDown={onKey}
        placeholder={label}
        role="combobox"
        spellCheck={false}
        type="text"
        value={query}
      />
    </div>
  );
}

interface INoticeProps<T> extends IPickerProps<T> {
  count: number;
  query: string;
}

/** How the search went, when the list alone does not say so. */
function Notice<T>(props: INoticeProps<T>): JSX.Element {
  const { count, labels, model, query, trans } = props;
  const state = stateOf(model);
  let text = '';
  if (state === 'failed') {
    text = sentence(model.error, trans);
  } else if (count === 0) {
    const none = query ? labels.noMatch(query) : labels.empty;
    text = state === 'loading' ? labels.loading : none;
  }
  return (
    <div className="orrery-picker-message" role="status" hidden={text === ''}>
      {text}
      {state === 'failed' && (
        <Button onClick={() => void model.refresh()}>{trans.__('Try Again')}</Button>
      )}
    </div>
  );
}

interface IChoiceProps {
  choice: IChoice;
  choose: (choice: Pick<IChoice, 'choose'>) => void;
  id: string;
  isActive: boolean;
  onHover: () => void;
}

function Choice(props: IChoiceProps): JSX.Element {
  const { choice, choose, id, isActive, onHover } = props;
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isActive) {
      row.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isActive]);
  const Icon = choice.isCurrent ? checkIcon : choice.icon;
  return (
    <li
      aria-current={choice.isCurrent || undefined}
      aria-selected={isActive}
      className="orrery-picker-entry"
      id={id}
      onClick={() => choose(choice)}
      onPointerMove={isActive ? undefined : onHover}
      ref={row}
      role="option"
      title={choice.title}
    >
      <Icon.react tag="span" className="orrery-picker-icon" />
      <span className="orrery-picker-label">{choice.label}</span>
      {choice.meta && <span className="orrery-picker-meta">{choice.meta}</span>}
      {choice.second && <Second second={choice.second} choose={choose} />}
    </li>
  );
}

/** For the pointer alone: the keyboard has Shift+Enter, and an option holds no button. */
function Second(props: {
  choose: (choice: Pick<IChoice, 'choose'>) => void;
  second: NonNullable<IChoice['second']>;
}): JSX.Element {
  const { choose, second } = props;
  const { icon: Icon, label } = second;
  return (
    <span
      aria-hidden="true"
      className="orrery-picker-second"
      onClick={event => {
        event.stopPropagation();
        choose(second);
      }}
      title={label}
    >
      <Icon.react tag="span" className="orrery-picker-icon" />
    </span>
  );
}
