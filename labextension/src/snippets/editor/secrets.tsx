/**
 * What looks like a secret in a snippet, and the choice to go back or to save it all the same.
 */
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Finding } from '../schemas';

/**
 * Whether to save although secrets were found.
 *
 * When only looking, there is nothing to save: it says what was found and returns false.
 */
export async function askSecrets(
  trans: TranslationBundle,
  findings: readonly Finding[],
  looking = false
): Promise<boolean> {
  if (looking && !findings.length) {
    Notification.success(trans.__('Nothing looks like a secret.'), {
      autoClose: 3_000
    });
    return false;
  }
  const back = Dialog.cancelButton({
    label: looking ? trans.__('Close') : trans.__('Go Back')
  });
  const save = Dialog.warnButton({ label: trans.__('Save anyway') });
  const { button } = await showDialog({
    title: looking ? trans.__('This looks like a secret') : trans.__('Save a secret?'),
    body: <Findings trans={trans} findings={findings} />,
    buttons: looking ? [back] : [save, back],
    defaultButton: looking ? 0 : 1
  });
  return button.accept;
}

function Findings(props: {
  trans: TranslationBundle;
  findings: readonly Finding[];
}): JSX.Element {
  const { trans, findings } = props;
  return (
    <div className="orrery-snippets-findings">
      <p>
        {trans.__(
          'Who can read the snippet can read what stands in it. Better keep a secret in an environment variable or a vault, and read it from there.'
        )}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{trans.__('Kind')}</th>
            <th scope="col">{trans.__('Where')}</th>
            <th scope="col">{trans.__('Line, masked')}</th>
          </tr>
        </thead>
        <tbody>
          {findings.map((finding, index) => (
            <tr key={index}>
              <td>{finding.kind}</td>
              <td>{trans.__('Cell %1, line %2', finding.cell + 1, finding.line)}</td>
              <td>
                <code>{finding.excerpt}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
