/**
 * What a snippet is, at a glance: below its row, or beside the panel.
 */
import { Time } from '@jupyterlab/coreutils';
import React, { useEffect, useState } from 'react';

import { executeOwn } from '../../base/registry';
import { useSignal } from '../../base/hooks';
import { Code } from './code';
import { CommandIDs } from '../commands';
import { useSnippets } from '../context';
import type { Snippet } from '../schemas';
import { scopeName } from './row';

/** Description, code, and what is worth knowing about a snippet. */
export function Preview({ snippet }: { snippet: Snippet }): JSX.Element {
  const { trans } = useSnippets();
  const { uses } = snippet;
  const facts = [
    scopeName(snippet, trans),
    snippet.library ? '' : trans.__('by %1', snippet.updated_by),
    snippet.library ? '' : trans.__('version %1', snippet.version),
    snippet.prefixes.length
      ? trans._n(
          'prefix %2',
          'prefixes %2',
          snippet.prefixes.length,
          snippet.prefixes.join(', ')
        )
      : '',
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
      {snippet.tags.length > 0 && <Tags tags={snippet.tags} />}
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

function Tags({ tags }: { tags: readonly string[] }): JSX.Element {
  const { model, trans } = useSnippets();
  return (
    <ul className="orrery-snippets-tags" aria-label={trans.__('Tags')}>
      {tags.map(tag => (
        <li key={tag}>
          <button
            type="button"
            className="orrery-link"
            title={trans.__('Show the snippets with this tag')}
            onClick={() => model.filter({ tag: [tag] })}
          >
            {tag}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** What the snippet imports and the kernel lacks, with the way to get it. */
function Missing({ snippet }: { snippet: Snippet }): JSX.Element | null {
  const { inserter, requirements } = useSnippets();
  const [modules, setModules] = useState<readonly string[]>([]);
  const target = useSignal(inserter.targetChanged);
  useEffect(() => {
    let isCurrent = true;
    void requirements.missing(snippet).then(missing => {
      if (isCurrent) {
        setModules(missing);
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [requirements, snippet, target]);
  return modules.length ? <MissingModules modules={modules} /> : null;
}

/** "The kernel lacks polars. Install with %pip" */
export function MissingModules(props: {
  modules: readonly string[];
  children?: React.ReactNode;
}): JSX.Element {
  const { commands, trans } = useSnippets();
  return (
    <div className="orrery-snippets-missing">
      <span>{trans.__('The kernel lacks %1.', props.modules.join(', '))}</span>
      <button
        className="orrery-link"
        title={commands.caption(CommandIDs.installMissing)}
        onClick={() =>
          void executeOwn(commands, CommandIDs.installMissing, {
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
