/**
 * Reports: shown in a sandboxed frame, or taken away as a file.
 */
import { downloadIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useMemo, useState } from 'react';

import { watchTheme } from '../../base/theme';
import type { Report as ReportShape, ReportFormat } from '../schemas';
import { useAnswer, useView } from './context';
import { Action, Empty, Failed, LoadingPage, openMenu } from './components';
import { lookOf, sandboxed, schemeOf, type ILook } from './sandbox';

const FORMATS: readonly [ReportFormat, string][] = [
  ['html', 'HTML'],
  ['json', 'JSON'],
  ['markdown', 'Markdown']
];

/** The section with the report of a run. */
export function Report(): JSX.Element {
  const { model, options, trans } = useView();
  const { run } = model;
  const ready = run?.state === 'done';
  const { value, error, retry } = useAnswer(
    () =>
      ready ? options.client.report(options.id, 'html', false) : Promise.resolve(null),
    [ready]
  );
  if (error) {
    return (
      <Failed
        title={trans.__('The report could not be loaded')}
        error={error}
        retry={retry}
      />
    );
  }
  if (!ready) {
    return (
      <Empty
        title={model.active ? trans.__('The report comes last') : trans.__('No report')}
        text={
          model.active
            ? trans.__(
                'It is shown here when the run is done. You may close this tab meanwhile.'
              )
            : trans.__('The run did not come to its end.')
        }
      />
    );
  }
  return value ? <ReportFrame report={value} /> : <LoadingPage rows={8} />;
}

function ReportFrame({ report }: { report: ReportShape }): JSX.Element {
  const { trans } = useView();
  const look = useLook();
  const document = useMemo(
    () => sandboxed(report.content, report.scripts, look),
    [report, look]
  );
  return (
    <iframe
      className="orrery-eda-view-report"
      title={trans.__('Report %1', report.name)}
      sandbox={report.scripts ? 'allow-scripts' : ''}
      referrerPolicy="no-referrer"
      style={{ colorScheme: schemeOf(look) }}
      srcDoc={document}
    />
  );
}

/** How the lab looks; changes with its theme. */
function useLook(): ILook {
  const [look, setLook] = useState(() => lookOf(window.document.body));
  useEffect(() => {
    const theme = watchTheme(() => setLook(lookOf(window.document.body)));
    return () => theme.dispose();
  }, []);
  return look;
}

/** The button that hands out the report as a file. */
export function Download(): JSX.Element {
  const { model, options, trans } = useView();
  const { run } = model;
  const formats = run?.task === 'report' ? FORMATS.slice(0, 1) : FORMATS;
  const take = (format: ReportFormat): void =>
    void options.client
      .report(options.id, format, false)
      .then(options.files, options.onError);
  const ready = run?.state === 'done';
  return (
    <Action
      icon={downloadIcon}
      shrinks
      label={trans.__('Download')}
      caption={
        ready
          ? trans.__('Download the report')
          : trans.__('There is a report to download when the run is done')
      }
      disabled={!ready}
      menu
      onClick={event =>
        openMenu(
          event.currentTarget,
          formats.map(([format, label]) => ({ label, run: () => take(format) }))
        )
      }
    />
  );
}
