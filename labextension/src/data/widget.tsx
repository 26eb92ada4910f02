/**
 * The panel of data.
 */
import type { IStateDB } from '@jupyterlab/statedb';
import type { ITranslator } from '@jupyterlab/translation';
import React from 'react';

import { executeOwn } from '../base/registry';
import { useSignal } from '../base/hooks';
import { usePanel } from '../base/panel/context';
import { EmptyState, ListBody } from '../base/panel/emptystate';
import { StatusLine } from '../base/panel/statusline';
import type { PanelToolbar } from '../base/panel/toolbar';
import { VirtualList } from '../base/panel/virtuallist';
import { PanelWidget } from '../base/panel/widget';
import { CommandIDs } from './commands';
import { placeOf } from './commandargs';
import { PartsContext, useParts, type IPanelParts } from './context';
import type { NodeDrag } from './drag';
import { dataIcon } from './icons';
import type { INode, TreeRow } from './model';
import { Breadcrumbs } from './panel/breadcrumbs';
import { Filters } from './panel/filters';
import { Places } from './panel/places';
import { treeRow } from './panel/rows';
import { PANEL_ID } from './tokens';

export interface IDataPanelOptions {
  translator: ITranslator;
  toolbar: PanelToolbar | null;
  state: IStateDB | null;
  drag: NodeDrag;
}

/** The content of the panel; what it loads is given up when it is hidden. */
export function createPanel(
  parts: IPanelParts,
  options: IDataPanelOptions
): PanelWidget {
  const { model } = parts;
  return new PanelWidget({
    ...options,
    name: PANEL_ID,
    title: options.translator.load('orrery').__('Data'),
    body: (
      <PartsContext.Provider value={parts}>
        <Filters />
        <Breadcrumbs />
        <Body drag={options.drag} />
        <Foot />
      </PartsContext.Provider>
    ),
    onShow: () => void model.open(),
    onHide: () => model.pause()
  });
}

function Body({ drag }: { drag: NodeDrag }): JSX.Element {
  const { commands, model } = useParts();
  const { trans } = usePanel();
  useSignal(model.changed);
  const step = (id: string): { label: string; run: () => void } => ({
    label: commands.label(id),
    run: () => void executeOwn(commands, id)
  });
  return (
    <ListBody
      model={model}
      icon={dataIcon}
      failedTitle={trans.__('The data could not be listed')}
      noMatchTitle={trans.__('No location matches')}
      empty={{
        title: trans.__('All your data in one tree'),
        text: trans.__(
          'Connect an object store, a folder or a database: look into it here, and put code that loads it into a notebook. Keys and passwords never come near the notebook.'
        ),
        steps: [step(CommandIDs.connect), step(CommandIDs.connectVariable)]
      }}
    >
      <Problem />
      <div className="orrery-sections orrery-data-places">
        <Places />
      </div>
      <Tree drag={drag} />
      <Invitation />
    </ListBody>
  );
}

/** Says that connections are missing, such as while the hub is away. */
function Problem(): JSX.Element | null {
  const { model } = useParts();
  const { trans } = usePanel();
  const { problem } = model;
  return problem ? (
    <p className="orrery-data-problem" role="status" title={problem.reason}>
      {trans.__('Connections are missing: %1. %2', problem.message, problem.remedy)}
    </p>
  ) : null;
}

function Tree({ drag }: { drag: NodeDrag }): JSX.Element {
  const { commands, model, places, selection } = useParts();
  const { trans } = usePanel();
  const onNode = (run: (node: INode) => void) => (row: TreeRow) => {
    if (row.kind === 'node') {
      run(row);
    } else if (row.kind === 'failed') {
      void model.reload(row.parent);
    }
  };
  const execute = (id: string) => (node: INode) =>
    void executeOwn(commands, id, { ...placeOf(node) });
  return (
    <VirtualList<TreeRow>
      label={trans.__('Data')}
      source={model}
      selection={selection}
      row={row => treeRow({ commands, model, places, trans }, row)}
      words={model.query ? [model.query] : []}
      tree={{
        levelOf: ({ level }) => level,
        isExpanded: row =>
          model.isExpandable(row) ? model.isExpanded(row) : undefined,
        expand: (row, isOpen) => {
          if (row.kind === 'node') {
            void model.expand(row, isOpen);
          }
        },
        parentOf: ({ parent }) => (parent ? model.indexOf(parent) : -1)
      }}
      onOpen={onNode(node => {
        if (model.isExpandable(node)) {
          void model.expand(node, !model.isExpanded(node));
        } else {
          execute(CommandIDs.open)(node);
        }
      })}
      onDelete={onNode(node => {
        if (commands.isEnabled(CommandIDs.delete, { ...placeOf(node) })) {
          void executeOwn(commands, CommandIDs.delete);
        }
      })}
      accelKeys={{ c: onNode(execute(CommandIDs.copyPath)) }}
      onDrag={(row, x, y) => {
        if (row.kind === 'node') {
          void drag.start(row, x, y);
        }
      }}
    />
  );
}

/** How the first connection comes to be, while there is none. */
function Invitation(): JSX.Element | null {
  const { commands, model } = useParts();
  const { trans } = usePanel();
  const hasConnections = model.locations.some(({ connection }) => connection !== null);
  if (hasConnections || model.problem || model.root || model.filtered) {
    return null;
  }
  return (
    <EmptyState
      compact
      text={trans.__(
        'Object stores and databases stand here too, once they are connected.'
      )}
      steps={[
        {
          label: commands.label(CommandIDs.connect),
          run: () => void executeOwn(commands, CommandIDs.connect)
        }
      ]}
    />
  );
}

function Foot(): JSX.Element {
  const { model, selection } = useParts();
  const { trans } = usePanel();
  useSignal(model.changed);
  const { length } = model.locations;
  return (
    <StatusLine
      model={model}
      selection={selection}
      facts={[
        model.state === 'idle' ? '' : trans._n('%1 location', '%1 locations', length),
        model.filtered ? trans.__('filtered') : ''
      ]}
    />
  );
}
