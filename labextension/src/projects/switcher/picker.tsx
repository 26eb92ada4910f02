/**
 * The list that a project is chosen from.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  addIcon,
  checkIcon,
  ReactWidget,
  searchIcon,
  settingsIcon,
  type LabIcon
} from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { projectIcon } from '../../base/icons';
import { sentence } from '../../base/notify';
import { roleMeaning, roleName } from '../names';
import type { Project } from '../schemas';
import type { IProjects } from '../tokens';

const TYPING_MS = 120;
const EDGE = 8;

export interface IPickerOptions extends IPickerCallbacks {
  projects: IProjects;
  trans: TranslationBundle;
  /** The element below which the list hangs. */
  anchor: HTMLElement;
}

/** What the choice leads to. */
export interface IPickerCallbacks {
  onPick: (slug: string | null) => void;
  onCreate: () => void;
  onOpenPage: () => void;
}

/** A list below the top bar's button; it goes away by Escape, by a click elsewhere, or with a choice. */
export class ProjectPicker extends ReactWidget {
  constructor(options: IPickerOptions) {
    super();
    this._options = options;
    this.addClass('orrery-project-picker');
    this.node.setAttribute('role', 'dialog');
    this.node.setAttribute('aria-label', options.trans.__('Switch project'));
  }

  /** Show the list and put the cursor into its search field. */
  open(): void {
    this._before = document.activeElement;
    Widget.attach(this, document.body);
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'pointerdown':
        if (!this._contains(event.target)) {
          this.dispose();
        }
        break;
      case 'focusout':
        this._onFocusOut((event as FocusEvent).relatedTarget);
        break;
      case 'keydown':
        if ((event as KeyboardEvent).key === 'Escape') {
          event.stopPropagation();
          event.preventDefault();
          this._leave();
        }
        break;
      case 'resize':
        this._place();
        break;
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    document.addEventListener('pointerdown', this, true);
    window.addEventListener('resize', this);
    this.node.addEventListener('keydown', this);
    this.node.addEventListener('focusout', this);
    this._options.anchor.setAttribute('aria-expanded', 'true');
    this._place();
  }

  protected override onBeforeDetach(message: Message): void {
    document.removeEventListener('pointerdown', this, true);
    window.removeEventListener('resize', this);
    this.node.removeEventListener('keydown', this);
    this.node.removeEventListener('focusout', this);
    this._options.anchor.setAttribute('aria-expanded', 'false');
    super.onBeforeDetach(message);
  }

  protected override render(): React.JSX.Element {
    const { onCreate, onOpenPage, onPick, projects, trans } = this._options;
    return (
      <Picker
        projects={projects}
        trans={trans}
        onCreate={() => this._leave(onCreate)}
        onOpenPage={() => this._leave(onOpenPage)}
        onPick={slug => this._leave(() => onPick(slug))}
      />
    );
  }

  /** Close, and give the keyboard back to where it came from. */
  private _leave(then?: () => void): void {
    const before = this._before;
    this.dispose();
    (before instanceof HTMLElement ? before : this._options.anchor).focus();
    then?.();
  }

  private _onFocusOut(to: EventTarget | null): void {
    if (to && !this._contains(to)) {
      this.dispose();
    }
  }

  private _contains(target: EventTarget | null): boolean {
    const node = target as Node | null;
    return this.node.contains(node) || this._options.anchor.contains(node);
  }

  private _place(): void {
    if (!this.isAttached) {
      return;
    }
    const { bottom, left } = this._options.anchor.getBoundingClientRect();
    const room = document.documentElement.clientWidth - this.node.offsetWidth - EDGE;
    this.node.style.left = `${Math.max(EDGE, Math.min(left, room))}px`;
    this.node.style.top = `${bottom}px`;
  }

  private _before: Element | null = null;
  private readonly _options: IPickerOptions;
}

interface IPickerProps extends IPickerCallbacks {
  projects: IProjects;
  trans: TranslationBundle;
}

/** The entries that are no project; no slug begins with a colon. */
const NONE = ':none';
const PAGE = ':page';
const CREATE = ':create';

/** Something that can be chosen. */
interface IEntry {
  key: string;
  project?: Project;
  choose: () => void;
}

/** What the server has answered so far. */
interface IAnswer {
  /** The search that it answers; null before the first one. */
  query: string | null;
  projects: readonly Project[];
  error?: unknown;
}

/** What to show of it for the search that is in the field now. */
interface IMatches {
  state: 'loading' | 'ready' | 'failed';
  projects: readonly Project[];
  error?: unknown;
}

function Picker(props: IPickerProps): React.JSX.Element {
  const { projects, trans } = props;
  const [query, setQuery] = React.useState('');
  const [matches, retry] = useMatches(projects, query);
  const [active, setActive] = React.useState<string | null>(null);
  const base = React.useId();
  const entries = entriesOf(props, matches, query);
  const key = active ?? defaultKey(entries, matches, query, projects);
  const at = entries.findIndex(entry => entry.key === key);

  return (
    <>
      <SearchBox
        activeId={at < 0 ? undefined : `${base}-${at}`}
        listId={`${base}-list`}
        onKeyDown={event => onKeyDown(event, entries, at, setActive)}
        onSearch={text => {
          setQuery(text);
          setActive(null);
        }}
        query={query}
        trans={trans}
      />
      <Notice matches={matches} query={query} trans={trans} onRetry={retry} />
      <ul
        aria-label={trans.__('Projects')}
        className="orrery-project-picker-list"
        id={`${base}-list`}
        role="listbox"
      >
        {entries.map((entry, index) => (
          <Entry
            key={entry.key}
            current={isCurrent(entry, projects)}
            entry={entry}
            id={`${base}-${index}`}
            isActive={index === at}
            onHover={() => setActive(entry.key)}
            trans={trans}
          />
        ))}
      </ul>
    </>
  );
}

/** The projects that match, and what else can be chosen. */
function entriesOf(props: IPickerProps, matches: IMatches, query: string): IEntry[] {
  const { onCreate, onOpenPage, onPick, projects } = props;
  const entries: IEntry[] = matches.projects.map(project => ({
    key: project.slug,
    project,
    choose: () => onPick(project.slug)
  }));
  if (query === '') {
    entries.push({ key: NONE, choose: () => onPick(null) });
    if (projects.current) {
      entries.push({ key: PAGE, choose: onOpenPage });
    }
  }
  return [...entries, { key: CREATE, choose: onCreate }];
}

function isCurrent({ key, project }: IEntry, { current, state }: IProjects): boolean {
  return (
    state === 'ready' &&
    (project ? project.slug === current?.slug : key === NONE && current === null)
  );
}

/** Move by arrows and page keys; choose with Enter. */
function onKeyDown(
  event: React.KeyboardEvent,
  entries: readonly IEntry[],
  at: number,
  setActive: (key: string) => void
): void {
  const last = entries.length - 1;
  const moves: Record<string, number> = {
    ArrowDown: at === last ? 0 : at + 1,
    ArrowUp: at <= 0 ? last : at - 1,
    PageDown: last,
    PageUp: 0
  };
  if (event.key in moves) {
    event.preventDefault();
    setActive(entries[moves[event.key]].key);
  } else if (event.key === 'Enter') {
    event.preventDefault();
    entries[at]?.choose();
  }
}

interface ISearchBoxProps {
  activeId: string | undefined;
  listId: string;
  onKeyDown: (event: React.KeyboardEvent) => void;
  onSearch: (query: string) => void;
  query: string;
  trans: TranslationBundle;
}

function SearchBox(props: ISearchBoxProps): React.JSX.Element {
  const { activeId, listId, onKeyDown, onSearch, query, trans } = props;
  return (
    <div className="orrery-project-picker-search">
      <searchIcon.react tag="span" className="orrery-project-picker-icon" />
      <input
        aria-activedescendant={activeId}
        aria-autocomplete="list"
        aria-controls={listId}
        aria-expanded="true"
        aria-label={trans.__('Search projects')}
        autoComplete="off"
        autoFocus
        onChange={event => onSearch(event.target.value)}
        onKeyDown={onKeyDown}
        placeholder={trans.__('Search projects')}
        role="combobox"
        spellCheck={false}
        type="text"
        value={query}
      />
    </div>
  );
}

/** What Enter chooses when no arrow was pressed; nothing that changes anything unless it was searched for. */
function defaultKey(
  entries: readonly IEntry[],
  matches: IMatches,
  query: string,
  { current, state }: IProjects
): string | undefined {
  if (query !== '') {
    const isSure = entries[0].project !== undefined || matches.state === 'ready';
    return isSure ? entries[0].key : undefined;
  }
  return state === 'ready' ? (current?.slug ?? NONE) : undefined;
}

/** The projects that match what is typed, and a way to ask again. */
function useMatches(projects: IProjects, query: string): [IMatches, () => void] {
  const [turn, setTurn] = React.useState(0);
  const [answer, setAnswer] = React.useState<IAnswer>({ query: null, projects: [] });

  React.useEffect(() => {
    const stop = new AbortController();
    const load = (): void => {
      projects.list(query.trim(), stop.signal).then(
        items => setAnswer({ query, projects: items }),
        (error: unknown) => {
          if (!stop.signal.aborted) {
            setAnswer({ query, projects: [], error });
          }
        }
      );
    };
    const timer = setTimeout(load, query ? TYPING_MS : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [projects, query, turn]);

  const retry = (): void => {
    setAnswer({ query: null, projects: [] });
    setTurn(turn + 1);
  };
  return [matchesOf(answer, query), retry];
}

/** The answer, if it is to this search; until then those of the last answer that match. */
function matchesOf(answer: IAnswer, query: string): IMatches {
  if (answer.query === query) {
    return { ...answer, state: answer.error === undefined ? 'ready' : 'failed' };
  }
  const words = query.toLowerCase().split(/\s+/);
  const projects = answer.projects.filter(({ name, slug }) =>
    words.every(word => `${name} ${slug}`.toLowerCase().includes(word))
  );
  return { state: 'loading', projects };
}

interface INoticeProps {
  matches: IMatches;
  query: string;
  trans: TranslationBundle;
  onRetry: () => void;
}

/** How the search went, when the list alone does not say so. */
function Notice({ matches, query, trans, onRetry }: INoticeProps): React.JSX.Element {
  let text = '';
  if (matches.state === 'failed') {
    text = sentence(matches.error, trans);
  } else if (matches.projects.length === 0) {
    if (matches.state === 'loading') {
      text = trans.__('Loading projects…');
    } else if (query) {
      text = trans.__('No project matches "%1".', query);
    } else {
      text = trans.__('You are in no project yet.');
    }
  }
  return (
    <div className="orrery-project-picker-message" role="status" hidden={text === ''}>
      {text}
      {matches.state === 'failed' && (
        <button className="orrery-button" onClick={onRetry} type="button">
          {trans.__('Try Again')}
        </button>
      )}
    </div>
  );
}

const ICONS: Record<string, LabIcon> = { [CREATE]: addIcon, [PAGE]: settingsIcon };

function entryLabel(key: string, trans: TranslationBundle): string {
  const labels: Record<string, string> = {
    [CREATE]: trans.__('New Project…'),
    [NONE]: trans.__('No project'),
    [PAGE]: trans.__('Project Page')
  };
  return labels[key];
}

interface IEntryProps {
  current: boolean;
  entry: IEntry;
  id: string;
  isActive: boolean;
  onHover: () => void;
  trans: TranslationBundle;
}

function Entry(props: IEntryProps): React.JSX.Element {
  const { current, entry, id, isActive, onHover, trans } = props;
  const row = React.useRef<HTMLLIElement>(null);
  React.useEffect(() => {
    if (isActive) {
      row.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [isActive]);
  const { key, project } = entry;
  const Icon = current ? checkIcon : (ICONS[key] ?? projectIcon);
  return (
    <li
      aria-current={current || undefined}
      aria-selected={isActive}
      className="orrery-project-picker-entry"
      data-kind={project ? 'project' : key.slice(1)}
      id={id}
      onClick={entry.choose}
      onPointerMove={isActive ? undefined : onHover}
      ref={row}
      role="option"
      title={project ? roleMeaning(project.role, trans) : undefined}
    >
      <Icon.react tag="span" className="orrery-project-picker-icon" />
      <span className="orrery-project-picker-label">
        {project?.name ?? entryLabel(key, trans)}
      </span>
      {project && (
        <span className="orrery-project-picker-meta">
          {roleName(project.role, trans)}
        </span>
      )}
    </li>
  );
}
