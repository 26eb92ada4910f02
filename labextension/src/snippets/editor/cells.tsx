/**
 * The cells of a snippet, each in one of the lab's own editors.
 */
import {
  addIcon,
  deleteIcon,
  moveDownIcon,
  moveUpIcon
} from '@jupyterlab/ui-components';
import React from 'react';

import { Code, nameOf } from '../panel/code';
import { SourceEditor } from '../../base/code/sourceeditor';
import { IconButton, Select } from '../../base/controls';
import type { Draft } from './draft';
import { useSnippets } from '../context';
import type { CellKind } from '../schemas';

/** Every cell of the draft, and the way to add more. */
export function Cells({ draft }: { draft: Draft }): JSX.Element {
  const { trans } = useSnippets();
  const { cells } = draft.content;
  return (
    <section className="orrery-snippets-cells" aria-label={trans.__('Cells')}>
      {cells.map((_, index) => (
        <Cell key={index} draft={draft} index={index} />
      ))}
      <div className="orrery-snippets-add">
        <button type="button" onClick={() => draft.addCell(cells.length - 1)}>
          <addIcon.react tag="span" /> {trans.__('Code cell')}
        </button>
        <button
          type="button"
          onClick={() => draft.addCell(cells.length - 1, 'markdown')}
        >
          <addIcon.react tag="span" /> {trans.__('Text cell')}
        </button>
      </div>
    </section>
  );
}

function Cell({ draft, index }: { draft: Draft; index: number }): JSX.Element {
  const { code, trans } = useSnippets();
  const { cells, language, syntax } = draft.content;
  const cell = cells[index];
  const kinds: [CellKind, string][] = [
    ['code', trans.__('Code')],
    ['markdown', trans.__('Markdown')],
    ['raw', trans.__('Raw')]
  ];
  return (
    <div
      className="orrery-snippets-cell"
      role="group"
      aria-label={trans.__('Cell %1', index + 1)}
    >
      <div className="orrery-snippets-cell-head">
        <Select
          label={trans.__('Kind of cell %1', index + 1)}
          value={cell.kind}
          options={kinds}
          onChange={kind => draft.updateCell(index, { kind })}
        />
        <span className="orrery-grow" />
        <IconButton
          icon={moveUpIcon}
          label={trans.__('Move cell up')}
          disabled={index === 0}
          onClick={() => draft.moveCell(index, index - 1)}
        />
        <IconButton
          icon={moveDownIcon}
          label={trans.__('Move cell down')}
          disabled={index === cells.length - 1}
          onClick={() => draft.moveCell(index, index + 1)}
        />
        <IconButton
          icon={deleteIcon}
          label={trans.__('Delete cell')}
          onClick={() => draft.removeCell(index)}
        />
      </div>
      <SourceEditor
        tools={code}
        label={trans.__('Source of cell %1', index + 1)}
        source={cell.source}
        language={nameOf(cell, language)}
        onChange={source => draft.updateCell(index, { source })}
      />
      {syntax === 'vscode' && cell.source && (
        <div className="orrery-snippets-result">
          <span className="orrery-quiet">{trans.__('Inserted as')}</span>
          <Code cell={cell} language={language} syntax={syntax} />
        </div>
      )}
    </div>
  );
}
