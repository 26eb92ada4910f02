/**
 * The list that a project is chosen from.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, checkIcon, ReactWidget, searchIcon } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { projectIcon } from '../base/icons';
import { sentence } from '../base/notify';
import { roleMeaning, roleName } from './names';
import type { Project } from './schemas';
import type { IProjects } from './tokens';

const TYPING_MS = 120;
const EDGE = 8;

export interface IPickerOptions {
  projects: IProjects;
  trans: TranslationBundle;
  /** The element below which the list hangs. */
  anchor: HTMLElement;
  onPick: (slug: string | null) => void;
  onCreate: () => void;
}

/** A list below the top bar's button; it goes away by Escape, by a click elsewhere, or with a choice. */
export class ProjectPicker extends ReactWidget {
  constructor(options: IPickerOptions) {
    super();
    this._options = options;
    this.addClass('orrery-ProjectPicker');
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
        if (!this._holds(event.target)) {
          this.dispose();
        }
        break;
      case 'focusout':
        this._left((event as FocusEvent).relatedTarget);
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
    const { onCreate, onPick, projects, trans } = this._options;
    return (
      <Picker
        projects={projects}
        trans={trans}
        onCreate={() => {
          this._leave();
          onCreate();
        }}
        onPick={slug => {
          this._leave();
          onPick(slug);
        }}
      />
    );
  }

  /** Close, and give the keyboard back to where it came from. */
  private _leave(): void {
    const before = this._before;
    this.dispose();
    (before instanceof HTMLElement ? before : this._options.anchor).focus();
  }

  private _left(to: EventTarget | null): void {
    if (to && !this._holds(to)) {
      this.dispose();
    }
  }

  private _holds(target: EventTarget | null): boolean {
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

interface IPickerProps {
  projects: IProjects;
  trans: TranslationBundle;
  onCreate: () => void;
  onPick: (slug: string | null) => void;
}

// No slug begins with a colon.
const NONE = ':none';
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
interface IFound {
  state: 'loading' | 'ready' | 'failed';
  projects: readonly Project[];
  error?: unknown;
}

function Picker(props: IPickerProps): React.JSX.Element {
  const { projects, trans, onCreate, onPick } = props;
  const [query, setQuery] = React.useState('');
  const [now, again] = useFound(projects, query);
  const [active, setActive] = React.useState<string | null>(null);
  const base = React.useId();

  const entries: IEntry[] = [
    ...now.projects.map(project => ({
      key: project.slug,
      project,
      choose: () => onPick(project.slug)
    })),
    ...(query === '' ? [{ key: NONE, choose: () => onPick(null) }] : []),
    { key: CREATE, choose: onCreate }
  ];
  const at = entries.findIndex(
    entry => entry.key === (active ?? preferred(entries, now, query, projects))
  );

  const onKeyDown = (event: React.KeyboardEvent): void => {
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
  };

  return (
    <>
      <div className="orrery-ProjectPicker-search">
        <searchIcon.react tag="span" className="orrery-ProjectPicker-searchIcon" />
        <input
          aria-activedescendant={at < 0 ? undefined : `${base}-${at}`}
          aria-autocomplete="list"
          aria-controls={`${base}-list`}
          aria-expanded="true"
          aria-label={trans.__('Search projects')}
          autoComplete="off"
          autoFocus
          onChange={event => {
            setQuery(event.target.value);
            setActive(null);
          }}
          onKeyDown={onKeyDown}
          placeholder={trans.__('Search projects')}
          role="combobox"
          spellCheck={false}
          type="text"
          value={query}
        />
      </div>
      <Notice found={now} query={query} trans={trans} onAgain={again} />
      <ul
        aria-label={trans.__('Projects')}
        className="orrery-ProjectPicker-list"
        id={`${base}-list`}
        role="listbox"
      >
        {entries.map((entry, index) => (
          <Entry
            key={entry.key}
            current={
              projects.state === 'ready' &&
              (entry.project?.slug ?? (entry.key === NONE ? null : undefined)) ===
                (projects.current?.slug ?? null)
            }
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

/** What Enter chooses when no arrow was pressed; nothing that changes anything unless it was searched for. */
function preferred(
  entries: readonly IEntry[],
  found: IFound,
  query: string,
  { current, state }: IProjects
): string | undefined {
  if (query !== '') {
    const isSure = entries[0].project !== undefined || found.state === 'ready';
    return isSure ? entries[0].key : undefined;
  }
  return state === 'ready' ? (current?.slug ?? NONE) : undefined;
}

/** The projects that match what is typed, and a way to ask again. */
function useFound(projects: IProjects, query: string): [IFound, () => void] {
  const [turn, setTurn] = React.useState(0);
  const [answer, setAnswer] = React.useState<IAnswer>({ query: null, projects: [] });

  React.useEffect(() => {
    const stop = new AbortController();
    const ask = (): void => {
      projects.list(query.trim(), stop.signal).then(
        items => setAnswer({ query, projects: items }),
        (error: unknown) => {
          if (!stop.signal.aborted) {
            setAnswer({ query, projects: [], error });
          }
        }
      );
    };
    const timer = setTimeout(ask, query ? TYPING_MS : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [projects, query, turn]);

  const again = (): void => {
    setAnswer({ query: null, projects: [] });
    setTurn(turn + 1);
  };
  return [found(answer, query), again];
}

/** The answer, if it is to this search; until then those of the last answer that match. */
function found(answer: IAnswer, query: string): IFound {
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
  found: IFound;
  query: string;
  trans: TranslationBundle;
  onAgain: () => void;
}

/** How the search went, when the list alone does not say so. */
function Notice({ found, query, trans, onAgain }: INoticeProps): React.JSX.Element {
  let text = '';
  if (found.state === 'failed') {
    text = sentence(found.error, trans);
  } else if (found.projects.length === 0) {
    if (found.state === 'loading') {
      text = trans.__('Loading projects…');
    } else if (query) {
      text = trans.__('No project matches "%1".', query);
    } else {
      text = trans.__('You are in no project yet.');
    }
  }
  return (
    <div className="orrery-ProjectPicker-message" role="status" hidden={text === ''}>
      {text}
      {found.state === 'failed' && (
        <button className="orrery-button" onClick={onAgain} type="button">
          {trans.__('Try again')}
        </button>
      )}
    </div>
  );
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
  const { project } = entry;
  const isCreate = entry.key === CREATE;
  const Icon = isCreate ? addIcon : projectIcon;
  return (
    <li
      aria-current={current || undefined}
      aria-selected={isActive}
      className="orrery-ProjectPicker-entry"
      data-kind={project ? 'project' : entry.key.slice(1)}
      id={id}
      onClick={entry.choose}
      onPointerMove={isActive ? undefined : onHover}
      ref={row}
      role="option"
      title={project ? roleMeaning(project.role, trans) : undefined}
    >
      {current ? (
        <checkIcon.react tag="span" className="orrery-ProjectPicker-icon" />
      ) : (
        <Icon.react tag="span" className="orrery-ProjectPicker-icon" />
      )}
      <span className="orrery-ProjectPicker-label">
        {project?.name ??
          (isCreate ? trans.__('New project…') : trans.__('No project'))}
      </span>
      {project && (
        <span className="orrery-ProjectPicker-meta">
          {roleName(project.role, trans)}
        </span>
      )}
    </li>
  );
}
