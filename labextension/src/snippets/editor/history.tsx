/**
 * The versions of a snippet: what each changed, and the way back to it.
 */
import type { MainAreaWidget } from '@jupyterlab/apputils';
import { historyIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';

import { DiffView } from '../../base/code/diffview';
import { Button } from '../../base/controls';
import { notifyError, sentence } from '../../base/notify';
import { EmptyState } from '../../base/panel/emptystate';
import { RelativeTime } from '../../base/relativetime';
import { createTab } from '../../base/tab';
import { SnippetsContext, useSnippets, type ISnippetsContext } from '../context';
import type { SnippetsModel } from '../model';
import type { Snippet, SnippetContent, SnippetVersion } from '../schemas';
import { fieldNames } from './labels';
import { toText } from './merge';

/** A tab with the versions of a snippet. */
export function createHistoryTab(
  context: ISnippetsContext,
  snippet: Snippet
): MainAreaWidget {
  const content = ReactWidget.create(
    <SnippetsContext.Provider value={context}>
      <History snippet={snippet} />
    </SnippetsContext.Provider>
  );
  content.addClass('orrery-snippets-history');
  return createTab({
    id: `orrery-snippets-history-${snippet.id.replace(/\W/g, '-')}-${Date.now()}`,
    title: context.trans.__('History of %1', snippet.name),
    icon: historyIcon,
    content
  });
}

interface IVersions {
  /** The newest first; null while they are not known. */
  versions: readonly SnippetVersion[] | null;
  error: unknown;
  load: () => void;
}

/** The versions of a snippet, loaded again whenever it is stored. */
function useVersions(model: SnippetsModel, id: string): IVersions {
  const [versions, setVersions] = useState<readonly SnippetVersion[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = (): void => {
    model.versions(id).then(
      loaded => {
        setVersions([...loaded].sort((a, b) => b.version - a.version));
        setError(null);
      },
      reason => setError(reason)
    );
  };
  useEffect(() => {
    load();
    const reload = (_: unknown, stored: string): void => {
      if (stored === id) {
        load();
      }
    };
    model.stored.connect(reload);
    return () => {
      model.stored.disconnect(reload);
    };
  }, [id]);
  return { versions, error, load };
}

function History({ snippet }: { snippet: Snippet }): JSX.Element {
  const { model, trans } = useSnippets();
  const { versions, error, load } = useVersions(model, snippet.id);
  const [chosen, setChosen] = useState(0);
  if (error) {
    return (
      <EmptyState
        title={trans.__('The versions could not be loaded')}
        text={sentence(error, trans)}
        steps={[{ label: trans.__('Try again'), run: load }]}
        alert
      />
    );
  }
  if (!versions?.length) {
    return <EmptyState text={trans.__('Loading…')} />;
  }
  const index = Math.min(chosen, versions.length - 1);
  return (
    <>
      <VersionList versions={versions} index={index} onChoose={setChosen} />
      <Change
        snippet={snippet}
        version={versions[index]}
        before={versions[index + 1]}
        isLatest={index === 0}
        onRestored={() => setChosen(0)}
      />
    </>
  );
}

/** What a version changed, and the button that restores it. */
function Change(props: {
  snippet: Snippet;
  version: SnippetVersion;
  before: SnippetVersion | undefined;
  isLatest: boolean;
  onRestored: () => void;
}): JSX.Element {
  const { code, model, trans } = useSnippets();
  const { snippet, version, before, isLatest } = props;
  const restore = (): void =>
    void model
      .restore(snippet.id, version.version)
      .then(props.onRestored)
      .catch(error => notifyError(error, trans));
  return (
    <div className="orrery-snippets-change">
      <div className="orrery-snippets-change-head">
        <h2>{trans.__('Version %1', version.version)}</h2>
        <span className="orrery-quiet">{summary(version, before, trans)}</span>
        <span className="orrery-grow" />
        <Button
          look="accept"
          disabled={isLatest || !snippet.writable}
          title={
            isLatest
              ? trans.__('This is the present version')
              : trans.__('Make this the present version; the others stay')
          }
          onClick={restore}
        >
          {trans.__('Restore this version')}
        </Button>
      </div>
      <DiffView
        tools={code}
        layout="split"
        original={{
          text: before ? toText(before.content.cells) : '',
          label: trans.__('Before')
        }}
        modified={{
          text: toText(version.content.cells),
          label: trans.__('This version')
        }}
        language={version.content.language}
      />
    </div>
  );
}

/** Which parts of a snippet a version changed. */
function summary(
  { content }: SnippetVersion,
  before: SnippetVersion | undefined,
  trans: TranslationBundle
): string {
  if (!before) {
    return trans.__('The first version that is kept');
  }
  const names = fieldNames(trans);
  const changed = (Object.keys(names) as (keyof SnippetContent)[])
    .filter(
      field => JSON.stringify(content[field]) !== JSON.stringify(before.content[field])
    )
    .map(field => names[field]);
  return changed.length
    ? trans.__('Changed: %1', changed.join(', '))
    : trans.__('No change');
}

function VersionList(props: {
  versions: readonly SnippetVersion[];
  index: number;
  onChoose: (index: number) => void;
}): JSX.Element {
  const { trans } = useSnippets();
  const { versions, index, onChoose } = props;
  const list = useRef<HTMLUListElement>(null);
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Math.max(0, Math.min(index + step, versions.length - 1));
      onChoose(next);
      (list.current?.children[next] as HTMLElement | undefined)?.focus();
    }
  };
  return (
    <ul
      ref={list}
      className="orrery-snippets-versions"
      role="listbox"
      aria-label={trans.__('Versions')}
      onKeyDown={onKeyDown}
    >
      {versions.map((version, place) => (
        <li
          key={version.version}
          role="option"
          aria-selected={place === index}
          tabIndex={place === index ? 0 : -1}
          onClick={() => onChoose(place)}
        >
          <span>
            {trans.__('Version %1', version.version)}
            {place === 0 && <span className="orrery-badge">{trans.__('Present')}</span>}
          </span>
          <span className="orrery-quiet">
            {version.saved_by}
            {' · '}
            <RelativeTime when={version.saved} />
          </span>
        </li>
      ))}
    </ul>
  );
}
