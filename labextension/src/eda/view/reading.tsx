/**
 * How the source was read, and the way to change that.
 */
import React from 'react';

import { readingKind, readingLine } from '../readingoptions';
import type { Run } from '../schemas';
import { Action } from './components';
import { useView } from './context';

/** A line on how text or a workbook was read; nothing for other sources. */
export function ReadingNote({ run }: { run: Run }): JSX.Element | null {
  const { model, options, trans } = useView();
  const { overview } = model;
  const assumed = {
    reading: overview?.reading ?? null,
    sheet: overview?.sheet ?? ''
  };
  if (run.task !== 'profile' || !readingKind(run.source, assumed.reading)) {
    return null;
  }
  const line = readingLine(assumed, trans);
  return (
    <p className="orrery-eda-view-reading">
      {line && (
        <span className="orrery-eda-view-quiet">{trans.__('Read with %1', line)}</span>
      )}
      <Action
        label={trans.__('Change how it is read…')}
        caption={trans.__(
          'Choose delimiter, encoding, names and more, and profile it again'
        )}
        onClick={() => void options.change(run, overview).catch(options.onError)}
      />
    </p>
  );
}
