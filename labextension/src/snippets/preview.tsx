/**
 * What a snippet is, at a glance: below its row, or beside the panel.
 */
import { Time } from '@jupyterlab/coreutils';
import React, { useEffect, useState } from 'react';

import { useChanges } from '../base/hooks';
import { Code } from './code';
import { CommandIDs } from './commands';
import { useScreen } from './hooks';
import type { Snippet } from './schemas';

/** The name of a scope, as the person reads it. */
export function useScopeName(): (snippet: Snippet) => string {
  const { trans } = useScreen().bench;
  return snippet => {
    if (snippet.library) {
      return trans.__('Library %1', snippet.library);
    }
    switch (snippet.scope) {
      case 'mine':
        return trans.__('Mine');
      case 'project':
        return trans.__('Project %1', snippet.project ?? '');
      case 'everyone':
        return trans.__('Everyone');
    }
  };
}

/** Description, code, and what is worth knowing about a snippet. */
export function Preview({ snippet }: { snippet: Snippet }): JSX.Element {
  const { trans } = useScreen().bench;
  const scopeName = useScopeName();
  const { uses, tags } = snippet;
  const facts = [
    scopeName(snippet),
    snippet.library ? '' : trans.__('by %1', snippet.updated_by),
    snippet.library ? '' : trans.__('version %1', snippet.version),
    snippet.prefix ? trans.__('prefix %1', snippet.prefix) : '',
    uses ? trans._n('used once', 'used %1 times', uses) : ''
  ].filter(fact => fact !== '');
  return (
    <div className="orrery-snippets-preview">
      {snippet.description && (
        <p className="orrery-snippets-preview-description">{snippet.description}</p>
      )}
      <div className="orrery-snippets-preview-cells">
        {snippet.cells.map((cell, index) => (
          <Code
            key={index}
            cell={cell}
            language={snippet.language}
            syntax={snippet.syntax}
          />
        ))}
      </div>
      <Missing snippet={snippet} />
      {tags.length > 0 && (
        <ul className="orrery-snippets-tags" aria-label={trans.__('Tags')}>
          {tags.map(tag => (
            <li key={tag}>{tag}</li>
          ))}
        </ul>
      )}
      <p className="orrery-quiet">
        {facts.join(' · ')}
        {!snippet.library && (
          <>
            {' · '}
            <time dateTime={snippet.updated} title={Time.format(snippet.updated)}>
              {Time.formatHuman(snippet.updated)}
            </time>
          </>
        )}
      </p>
    </div>
  );
}

/** What the snippet imports and the kernel lacks, with the way to get it. */
function Missing({ snippet }: { snippet: Snippet }): JSX.Element | null {
  const { bench } = useScreen();
  const [modules, setModules] = useState<readonly string[]>([]);
  const target = useChanges(bench.inserter.targetChanged);
  useEffect(() => {
    let current = true;
    void bench.requirements.missing(snippet).then(missing => {
      if (current) {
        setModules(missing);
      }
    });
    return () => {
      current = false;
    };
  }, [bench, snippet, target]);
  return modules.length ? <MissingLine modules={modules} /> : null;
}

/** "The kernel lacks polars. Install with %pip" */
export function MissingLine(props: {
  modules: readonly string[];
  children?: React.ReactNode;
}): JSX.Element {
  const { bench, commands } = useScreen();
  const { trans } = bench;
  return (
    <div className="orrery-snippets-missing">
      <span>{trans.__('The kernel lacks %1.', props.modules.join(', '))}</span>
      <button
        className="orrery-link"
        title={commands.caption(CommandIDs.installMissing)}
        onClick={() =>
          void commands.execute(CommandIDs.installMissing, {
            modules: [...props.modules]
          })
        }
      >
        {trans.__('Install with %pip')}
      </button>
      {props.children}
    </div>
  );
}
