/**
 * A dialog that asks for a source: what to compare with, or what to check.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';

import { sentence } from '../../base/notify';
import { ReadingFields } from '../readingfields';
import { readingKind, UNKNOWN } from '../readingoptions';
import type { Run, Source, SourceIn } from '../schemas';
import { SearchField } from './components';
import { bytes } from './format';
import type { IViewOptions } from './options';

const MOST = 50;
const DEBOUNCE_MS = 200;

export interface ISourceQuestion {
  options: IViewOptions;
  trans: TranslationBundle;
  run: Run;
  task: 'comparison' | 'checks';
}

/** The source that the person chooses; null if none. */
export async function chooseSource(
  question: ISourceQuestion
): Promise<SourceIn | null> {
  const { trans, run, task } = question;
  const name = nameOf(run.source);
  const body = new SourceBody(question);
  const { button } = await showDialog({
    title:
      task === 'comparison'
        ? trans.__('Compare "%1" with…', name)
        : trans.__('Run the checks on…'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({
        label: task === 'comparison' ? trans.__('Compare') : trans.__('Run checks')
      })
    ],
    focusNodeSelector: 'input'
  });
  return button.accept ? body.getValue() : null;
}

/** What a person calls a source. */
export function nameOf(source: SourceIn): string {
  return source.name || source.location.split('/').pop() || source.location;
}

class SourceBody extends ReactWidget implements Dialog.IBodyWidget<SourceIn | null> {
  constructor(question: ISourceQuestion) {
    super();
    this._question = question;
    this.addClass('orrery-eda-view-sources');
  }

  getValue(): SourceIn | null {
    return this._chosen;
  }

  protected override render(): JSX.Element {
    return (
      <Sources
        question={this._question}
        onChoose={chosen => void (this._chosen = chosen)}
      />
    );
  }

  private readonly _question: ISourceQuestion;
  private _chosen: SourceIn | null = null;
}

function Sources(props: {
  question: ISourceQuestion;
  onChoose: (source: SourceIn | null) => void;
}): JSX.Element {
  const { question, onChoose } = props;
  const { trans } = question;
  const [q, setQ] = useState('');
  const [index, setIndex] = useState(0);
  const { sources, error } = useSources(question, q, () => setIndex(0));
  const chosen = sources?.[index] ?? null;
  useEffect(() => {
    onChoose(chosen && sourceIn(chosen));
  }, [chosen]);
  return (
    <>
      <SearchField
        label={trans.__('Search sources')}
        placeholder={trans.__('Search sources')}
        value={q}
        onChange={setQ}
        onKeyDown={event => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step && sources) {
            event.preventDefault();
            setIndex(Math.max(0, Math.min(index + step, sources.length - 1)));
          }
        }}
      />
      {error !== null && <p role="alert">{sentence(error, trans)}</p>}
      {sources && !sources.length && (
        <p className="orrery-eda-view-quiet">
          {trans.__('No source matches. Upload the file, or profile the table first.')}
        </p>
      )}
      <Options
        sources={sources ?? []}
        index={index}
        question={question}
        onChoose={setIndex}
      />
      {chosen && (
        <Reading
          key={`${chosen.kind} ${chosen.location} ${chosen.sheet}`}
          source={chosen}
          trans={trans}
          onChoose={onChoose}
        />
      )}
    </>
  );
}

/** How the source is read, where that can be chosen; nothing is chosen while a field is wrong. */
function Reading(props: {
  source: Source;
  trans: TranslationBundle;
  onChoose: (source: SourceIn | null) => void;
}): JSX.Element | null {
  const { source, trans, onChoose } = props;
  const kind = readingKind(source, source.reading ?? null);
  if (!kind) {
    return null;
  }
  return (
    <ReadingFields
      trans={trans}
      kind={kind}
      chosen={{ reading: source.reading ?? null, sheet: source.sheet ?? '' }}
      assumed={UNKNOWN}
      isOpen={false}
      onChange={({ reading, sheet, problems }) =>
        onChoose(
          Object.keys(problems).length ? null : { ...sourceIn(source), reading, sheet }
        )
      }
    />
  );
}

/** The sources that match; the last answer stays while the next is on the way. */
function useSources(
  question: ISourceQuestion,
  q: string,
  onAnswer: () => void
): { sources: readonly Source[] | null; error: unknown } {
  const [sources, setSources] = useState<readonly Source[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    let isCurrent = true;
    const ask = async (): Promise<void> => {
      try {
        const page = await question.options.client.sources({ q, limit: MOST });
        if (isCurrent) {
          setSources(candidates(question, page.items, q));
          setError(null);
          onAnswer();
        }
      } catch (reason) {
        if (isCurrent) {
          setError(reason);
        }
      }
    };
    const timer = setTimeout(() => void ask(), sources ? DEBOUNCE_MS : 0);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [q]);
  return { sources, error };
}

function Options(props: {
  sources: readonly Source[];
  index: number;
  question: ISourceQuestion;
  onChoose: (index: number) => void;
}): JSX.Element {
  const { sources, index: chosen, question, onChoose } = props;
  const { trans, run } = question;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <ul ref={list} role="listbox" aria-label={trans.__('Sources')}>
      {sources.map((source, index) => (
        <li
          key={`${source.kind} ${source.location} ${source.table ?? ''}`}
          role="option"
          aria-selected={index === chosen}
          title={source.location}
          onClick={() => onChoose(index)}
        >
          <span>{nameOf(source)}</span>
          <span className="orrery-eda-view-quiet">
            {[
              placeOf(source),
              isSame(source, run.source) ? trans.__('this source, as it is now') : '',
              source.size === null ? '' : bytes(source.size),
              source.profiled
                ? trans.__('profiled %1', Time.formatHuman(source.profiled))
                : source.changed
                  ? trans.__('changed %1', Time.formatHuman(source.changed))
                  : ''
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Where a source is, for names that are found in several places. */
function placeOf({ kind, location, table }: SourceIn): string {
  const folder = location.includes('/')
    ? location.slice(0, location.lastIndexOf('/'))
    : '';
  switch (kind) {
    case 'lake':
      return `lake://${folder}`;
    case 'table':
      return table ?? '';
    case 'frame':
      return '';
    default:
      return folder;
  }
}

/** Checks are mostly run on the source itself; a comparison with itself says nothing. */
function candidates(
  question: ISourceQuestion,
  sources: readonly Source[],
  q: string
): Source[] {
  const { run, task } = question;
  const others = sources.filter(source => !isSame(source, run.source));
  if (task === 'comparison') {
    return others;
  }
  const own = sources.find(source => isSame(source, run.source)) ?? {
    ...run.source,
    size: null,
    changed: null,
    profiled: null,
    by: '',
    run: null
  };
  return nameOf(own).toLowerCase().includes(q.toLowerCase())
    ? [own, ...others]
    : others;
}

function isSame(a: SourceIn, b: SourceIn): boolean {
  return (
    a.kind === b.kind &&
    a.location === b.location &&
    (a.table ?? '') === (b.table ?? '') &&
    (a.sheet ?? '') === (b.sheet ?? '')
  );
}

function sourceIn({ kind, location, table, sheet, reading, name }: Source): SourceIn {
  return { kind, location, table, sheet, reading, name };
}
