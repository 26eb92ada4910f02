/**
 * A diff as a component; the library that draws it is loaded with the first one.
 */
import React, { useEffect, useRef } from 'react';

import type { IDiff } from './diff';
import type { ICodeTools } from './tools';

/** What differs between two texts. */
export function DiffView(props: IDiff & { tools: ICodeTools }): JSX.Element {
  const { original, modified, layout, language, tools } = props;
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isCurrent = true;
    let remove = (): void => undefined;
    void import('./diff')
      .then(({ createDiff }) =>
        createDiff(host.current!, { original, modified, layout, language }, tools)
      )
      .then(destroy => {
        if (isCurrent) {
          remove = destroy;
        } else {
          destroy();
        }
      });
    return () => {
      isCurrent = false;
      remove();
    };
  }, [original?.text, modified.text, layout, language, tools]);
  return <div ref={host} className="orrery-diff" />;
}
