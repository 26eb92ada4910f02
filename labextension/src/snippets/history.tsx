/**
 * The versions of a snippet: what each changed, and the way back to it.
 */
import { MainAreaWidget } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import { historyIcon, ReactWidget } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';

import { notifyError, sentence } from '../base/notify';
import { ScreenContext, useScreen, type IScreen } from './hooks';
import { toText } from './merge';
import type { Snippet, SnippetContent, SnippetVersion } from './schemas';
import { fieldNames } from './words';

/** A tab with the versions of a snippet. */
export function historyTab(screen: IScreen, snippet: Snippet): MainAreaWidget {
  const { trans, translator } = screen.bench;
  const content = ReactWidget.create(
    <ScreenContext.Provider value={screen}>
      <History snippet={snippet} />
    </ScreenContext.Provider>
  );
  content.addClass('orrery-snippets-history');
  const tab = new MainAreaWidget({ content, translator });
  tab.id = `orrery-snippets-history-${snippet.id.replace(/\W/g, '-')}-${Date.now()}`;
  tab.title.label = trans.__('History of %1', snippet.name);
  tab.title.caption = tab.title.label;
  tab.title.icon = historyIcon;
  tab.title.closable = true;
  tab.toolbar.hide();
  return tab;
}

function History({ snippet }: { snippet: Snippet }): JSX.Element {
  const { bench } = useScreen();
  const { model, trans } = bench;
  const [versions, setVersions] = useState<readonly SnippetVersion[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [chosen, setChosen] = useState(0);
  const load = (): void => {
    model.versions(snippet.id).then(
      found => {
        setVersions([...found].sort((one, other) => other.version - one.version));
        setError(null);
      },
      reason => setError(reason)
    );
  };
  useEffect(() => {
    load();
    const changed = (_: unknown, id: string): void => {
      if (id === snippet.id) {
        load();
      }
    };
    model.stored.connect(changed);
    return () => {
      model.stored.disconnect(changed);
    };
  }, [snippet.id]);
  if (error) {
    return (
      <div className="orrery-nothing" role="alert">
        <h3>{trans.__('The versions could not be loaded')}</h3>
        <p>{sentence(error, trans)}</p>
        <button className="jp-mod-styled jp-mod-accept orrery-call" onClick={load}>
          {trans.__('Try again')}
        </button>
      </div>
    );
  }
  if (!versions?.length) {
    return <div className="orrery-nothing">{trans.__('Loading…')}</div>;
  }
  const version = versions[Math.min(chosen, versions.length - 1)];
  const latest = versions[0];
  const before = versions[versions.indexOf(version) + 1];
  return (
    <>
      <Versions versions={versions} chosen={version} onChoose={setChosen} />
      <div className="orrery-snippets-change">
        <div className="orrery-snippets-change-head">
          <h2>{trans.__('Version %1', version.version)}</h2>
          <span className="orrery-quiet">{differences(version, before)}</span>
          <span className="orrery-grow" />
          <button
            type="button"
            className="jp-mod-styled jp-mod-accept orrery-call"
            disabled={version === latest || !snippet.writable}
            title={
              version === latest
                ? trans.__('This is the present version')
                : trans.__('Make this the present version; the others stay')
            }
            onClick={() =>
              void model
                .restore(snippet.id, version.version)
                .then(() => setChosen(0))
                .catch(reason => notifyError(reason, trans))
            }
          >
            {trans.__('Restore this version')}
          </button>
        </div>
        <Comparison before={before?.content ?? null} after={version.content} />
      </div>
    </>
  );

  function differences(one: SnippetVersion, other: SnippetVersion | undefined): string {
    if (!other) {
      return trans.__('The first version that is kept');
    }
    const names = fieldNames(trans);
    const changed = (Object.keys(names) as (keyof SnippetContent)[])
      .filter(
        key => JSON.stringify(one.content[key]) !== JSON.stringify(other.content[key])
      )
      .map(key => names[key]);
    return changed.length
      ? trans.__('Changed: %1', changed.join(', '))
      : trans.__('No change');
  }
}

function Versions(props: {
  versions: readonly SnippetVersion[];
  chosen: SnippetVersion;
  onChoose: (index: number) => void;
}): JSX.Element {
  const { trans } = useScreen().bench;
  const { versions, chosen, onChoose } = props;
  const list = useRef<HTMLUListElement>(null);
  const index = versions.indexOf(chosen);
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
          aria-selected={version === chosen}
          tabIndex={version === chosen ? 0 : -1}
          onClick={() => onChoose(place)}
        >
          <span>
            {trans.__('Version %1', version.version)}
            {place === 0 && (
              <span className="orrery-snippets-badge">{trans.__('Present')}</span>
            )}
          </span>
          <span className="orrery-quiet">
            {version.saved_by}
            {' · '}
            <time dateTime={version.saved} title={Time.format(version.saved)}>
              {Time.formatHuman(version.saved)}
            </time>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Comparison(props: {
  before: SnippetContent | null;
  after: SnippetContent;
}): JSX.Element {
  const { bench, languages, themes } = useScreen();
  const { trans } = bench;
  const host = useRef<HTMLDivElement>(null);
  const { before, after } = props;
  useEffect(() => {
    let current = true;
    let remove = (): void => undefined;
    const a = { text: before ? toText(before.cells) : '', label: trans.__('Before') };
    const b = { text: toText(after.cells), label: trans.__('This version') };
    const options = { language: after.language, languages, themes };
    void import('./diff')
      .then(({ showSideBySide }) => showSideBySide(host.current!, a, b, options))
      .then(done => {
        if (current) {
          remove = done;
        } else {
          done();
        }
      });
    return () => {
      current = false;
      remove();
    };
  }, [before, after, languages, themes]);
  return <div ref={host} className="orrery-snippets-diff" />;
}
