/**
 * The tab of one run.
 */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import React, { useId, useMemo, useState } from 'react';

import { useSignal } from '../../base/hooks';
import { sentence } from '../../base/notify';
import { Alerts } from './alerts';
import { Associations } from './associations';
import { Checks } from './checks';
import { Columns } from './columns';
import { Drifts } from './drift';
import { Header } from './header';
import { useView, ViewContext, type IView } from './context';
import { Missing } from './missing';
import type { IViewOptions } from './options';
import { Overview } from './overview';
import { Empty, LoadingPage } from './components';
import { Report } from './report';
import { Results } from './results';
import { RunModel } from './run';
import { sectionsOf, type SectionId } from './sections';
import { Failure } from './state';
import { Tabs } from './tabs';
import { Target } from './target';
import { TextTime } from './texttime';
import { labelsOf } from './labels';
import { CodeInserter } from './codeinsert';

/** What the tab of a run holds; it watches the run while it can be seen. */
export function createView(options: IViewOptions): Widget {
  return new RunView(options);
}

class RunView extends ReactWidget {
  constructor(options: IViewOptions) {
    super();
    this._options = options;
    this._model = new RunModel({ client: options.client, id: options.id });
    this.addClass('orrery-eda-view');
  }

  override dispose(): void {
    this._model.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return <View options={this._options} model={this._model} />;
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._watch();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._watch();
  }

  protected override onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this._model.pause();
  }

  protected override onBeforeDetach(message: Message): void {
    this._model.pause();
    super.onBeforeDetach(message);
  }

  protected override onActivateRequest(): void {
    this.node.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus();
  }

  private _watch(): void {
    if (this.isVisible) {
      this._model.resume();
    }
  }

  private readonly _options: IViewOptions;
  private readonly _model: RunModel;
}

function View({
  options,
  model
}: {
  options: IViewOptions;
  model: RunModel;
}): JSX.Element {
  const { trans } = options;
  useSignal(model.changed);
  const [section, setSection] = useState<SectionId | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const labels = useMemo(() => labelsOf(trans), [trans]);
  const writer = useMemo(() => new CodeInserter(options), [options]);
  const view = useMemo<IView>(
    () => ({
      model,
      options,
      trans,
      labels,
      insert: request => void (model.run && writer.insert(model.run, request)),
      opened,
      show: id => setSection(id as SectionId),
      openColumn: name => {
        setSection('columns');
        setOpened(name);
        model.columns.narrow({ q: name, type: null, alerts: false });
      }
    }),
    [model, options, trans, labels, writer, opened]
  );
  return (
    <ViewContext.Provider value={view}>
      <Body shown={section} onShow={setSection} />
    </ViewContext.Provider>
  );
}

function Body(props: {
  shown: SectionId | null;
  onShow: (section: SectionId) => void;
}): JSX.Element {
  const { model, trans } = useView();
  const { run } = model;
  const tabsId = useId();
  const sections = sectionsOf(model, trans);
  const shown = sections.find(({ id }) => id === props.shown)?.id ?? sections[0]?.id;
  if (!run) {
    return model.error ? (
      <Empty
        alert
        title={trans.__('The run could not be loaded')}
        text={sentence(model.error, trans)}
        action={trans.__('Try again')}
        onAction={() => model.retry()}
      />
    ) : (
      <LoadingPage rows={8} />
    );
  }
  const isEmpty = ['failed', 'cancelled'].includes(run.state) && !model.hasResults;
  return (
    <>
      <Header run={run} />
      {sections.length > 1 && !isEmpty && (
        <Tabs
          tabs={sections}
          shown={shown}
          label={trans.__('Sections')}
          id={tabsId}
          onShow={section => props.onShow(section as SectionId)}
        />
      )}
      <div
        className="orrery-eda-view-body"
        data-section={shown}
        role={sections.length > 1 && !isEmpty ? 'tabpanel' : undefined}
        id={`${tabsId}-panel`}
        aria-labelledby={
          sections.length > 1 && !isEmpty ? `${tabsId}-tab-${shown}` : undefined
        }
      >
        {isEmpty ? <Failure run={run} whole /> : <Section id={shown} />}
      </div>
    </>
  );
}

function Section({ id }: { id: SectionId }): JSX.Element {
  const { model } = useView();
  const { overview, comparison } = model;
  switch (id) {
    case 'columns':
      return <Columns />;
    case 'relations':
      return <Associations />;
    case 'missing':
      return <Missing />;
    case 'text':
      return <TextTime />;
    case 'target':
      return <Target />;
    case 'drift':
      return <Drifts />;
    case 'alerts':
      return <Alerts alerts={overview?.alerts ?? comparison?.alerts ?? []} />;
    case 'results':
      return <Results />;
    case 'checks':
      return <Checks />;
    case 'report':
      return <Report />;
    default:
      return <Overview />;
  }
}
