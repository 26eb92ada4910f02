/**
 * A dialog that asks for a source: what to compare with, or what to check.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { InputGroup, ReactWidget } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';

import { sentence } from '../../base/notify';
import type { Run, Source, SourceIn } from '../schemas';
import { bytes } from './format';
import type { IViewOptions } from './options';

const MOST = 50;
const DEBOUNCE_MS = 200;

export interface IChoice {
  options: IViewOptions;
  trans: TranslationBundle;
  run: Run;
  task: 'comparison' | 'checks';
}

/** The source that the person chooses; null if none. */
export async function chooseSource(choice: IChoice): Promise<SourceIn | null> {
  const { trans, run, task } = choice;
  const name = nameOf(run.source);
  const body = new SourceBody(choice);
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
  constructor(choice: IChoice) {
    super();
    this._choice = choice;
    this.addClass('orrery-eda-view-choose');
  }

  getValue(): SourceIn | null {
    return this._chosen;
  }

  protected override render(): JSX.Element {
    return (
      <Sources
        choice={this._choice}
        onChoose={chosen => void (this._chosen = chosen)}
      />
    );
  }

  private readonly _choice: IChoice;
  private _chosen: SourceIn | null = null;
}

function Sources(props: {
  choice: IChoice;
  onChoose: (source: SourceIn | null) => void;
}): JSX.Element {
  const { choice, onChoose } = props;
  const { options, trans } = choice;
  const [q, setQ] = useState('');
  const [sources, setSources] = useState<readonly Source[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [at, setAt] = useState(0);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(
      () => {
        options.client.sources({ q, limit: MOST }).then(
          page => {
            if (current) {
              setSources(candidates(choice, page.items, q));
              setError(null);
              setAt(0);
            }
          },
          (reason: unknown) => {
            if (current) {
              setError(reason);
            }
          }
        );
      },
      sources ? DEBOUNCE_MS : 0
    );
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [q]);
  const chosen = sources?.[at] ?? null;
  useEffect(() => {
    onChoose(chosen && sourceIn(chosen));
  }, [chosen]);
  return (
    <>
      <InputGroup
        type="search"
        rightIcon="ui-components:search"
        aria-label={trans.__('Search sources')}
        placeholder={trans.__('Search sources')}
        value={q}
        onChange={event => setQ(event.currentTarget.value)}
        onKeyDown={event => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step && sources) {
            event.preventDefault();
            setAt(Math.max(0, Math.min(at + step, sources.length - 1)));
          }
        }}
      />
      {error !== null && <p role="alert">{sentence(error, trans)}</p>}
      {sources && !sources.length && (
        <p className="orrery-eda-view-quiet">
          {trans.__('No source matches. Upload the file, or profile the table first.')}
        </p>
      )}
      <Options sources={sources ?? []} at={at} choice={choice} onGo={setAt} />
    </>
  );
}

function Options(props: {
  sources: readonly Source[];
  at: number;
  choice: IChoice;
  onGo: (at: number) => void;
}): JSX.Element {
  const { sources, at, choice, onGo } = props;
  const { trans, run } = choice;
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <ul ref={list} role="listbox" aria-label={trans.__('Sources')}>
      {sources.map((source, place) => (
        <li
          key={`${source.kind} ${source.location} ${source.table ?? ''}`}
          role="option"
          aria-selected={place === at}
          title={source.location}
          onClick={() => onGo(place)}
        >
          <span>{nameOf(source)}</span>
          <span className="orrery-eda-view-quiet">
            {[
              placeOf(source),
              same(source, run.source) ? trans.__('this source, as it is now') : '',
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
function candidates(choice: IChoice, found: readonly Source[], q: string): Source[] {
  const { run, task } = choice;
  const others = found.filter(one => !same(one, run.source));
  if (task === 'comparison') {
    return others;
  }
  const own = found.find(one => same(one, run.source)) ?? {
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

function same(one: SourceIn, other: SourceIn): boolean {
  return (
    one.kind === other.kind &&
    one.location === other.location &&
    (one.table ?? '') === (other.table ?? '') &&
    (one.sheet ?? '') === (other.sheet ?? '')
  );
}

function sourceIn({ kind, location, table, sheet, name }: Source): SourceIn {
  return { kind, location, table, sheet, name };
}
