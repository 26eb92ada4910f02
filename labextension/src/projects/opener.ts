/**
 * Home, the pages of projects, and the dialogs; each is loaded when it is first opened.
 */
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import {
  Dialog,
  setToolbar,
  WidgetTracker,
  type MainAreaWidget
} from '@jupyterlab/apputils';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { Panel, type Widget } from '@lumino/widgets';

import { executeOwn } from '../base/registry';
import { orreryIcon, projectIcon } from '../base/icons';
import { loaded } from '../base/lazy';
import type { PanelToolbar } from '../base/panel/toolbar';
import { createTab, tabLabel } from '../base/tab';
import { CommandIDs, type IOpener } from './commands';
import type { HomeCards } from './home/cards';
import type { ProjectsModel } from './model';
import type { Purpose } from './names';
import type { Project } from './schemas';

const HOME = 'orrery-home';
const PAGE = 'orrery-project';

export interface IOpenerOptions {
  app: JupyterFrontEnd;
  model: ProjectsModel;
  cards: HomeCards;
  trans: TranslationBundle;
  /** The toolbar of Home. */
  toolbar: PanelToolbar | null;
}

type Tab = MainAreaWidget<Panel>;

/** Opens what projects have to show. */
export class ProjectsOpener implements IOpener {
  constructor(private readonly _options: IOpenerOptions) {}

  /** Open again what was open when the lab was left. */
  restore(restorer: ILayoutRestorer): void {
    void restorer.restore(this._homes, {
      command: CommandIDs.openHome,
      name: () => HOME
    });
    void restorer.restore(this._pages, {
      command: CommandIDs.openPage,
      args: ({ id }) => ({ slug: slugOfTab(id) }),
      name: ({ id }) => slugOfTab(id)
    });
  }

  openHome(): Widget {
    return this._show(this._homes, HOME, () => this._makeHome());
  }

  /** Make Home the start page of a lab that opens with nothing but a launcher, unless the settings turn that off. */
  async start(settings: Pick<ISettingRegistry.ISettings, 'get'>): Promise<void> {
    const { app } = this._options;
    await app.restored;
    const widgets = [...app.shell.widgets('main')];
    const isEmpty = widgets.every(widget => widget.id.startsWith('launcher'));
    if (isEmpty && settings.get('openOnStart').composite === true) {
      this.openHome();
    }
  }

  openPage(slug: string): Widget {
    const id = `${PAGE}-${slug}`;
    return this._show(this._pages, id, () => this._makePage(id, slug));
  }

  async pick(purpose: Purpose): Promise<void> {
    if (this._closePicker) {
      this._closePicker();
      return;
    }
    const { ProjectPicker } = await loaded(import('./switcher/picker'));
    const { app, model, trans } = this._options;
    const { commands, shell } = app;
    const run = (id: string, args?: ReadonlyPartialJSONObject): void =>
      void executeOwn(commands, id, args);
    const picker = new ProjectPicker({
      projects: model,
      trans,
      anchor:
        shell.node.querySelector<HTMLElement>('.orrery-project-switcher-button') ??
        shell.node.querySelector<HTMLElement>('#jp-top-panel') ??
        shell.node,
      purpose,
      onSwitch: slug => run(CommandIDs.switch, { slug }),
      onOpenPage: slug => run(CommandIDs.openPage, { slug }),
      onUndelete: slug => run(CommandIDs.undelete, { slug }),
      onPurge: slug => run(CommandIDs.purge, { slug }),
      onCreate: () => run(CommandIDs.create)
    });
    this._closePicker = () => picker.dispose();
    picker.disposed.connect(() => {
      this._closePicker = null;
    });
    picker.open();
  }

  async create(): Promise<Project | null> {
    const { createProject } = await loaded(import('./dialogs'));
    return createProject(this._options.model, this._options.trans);
  }

  async delete(project: Project): Promise<boolean> {
    const { deleteProject } = await loaded(import('./dialogs'));
    return deleteProject(this._options.model, project, this._options.trans);
  }

  async purge(project: Project): Promise<boolean> {
    const { purgeProject } = await loaded(import('./dialogs'));
    return purgeProject(this._options.model, project, this._options.trans);
  }

  async confirmLeave(project: Project): Promise<boolean> {
    const { trans } = this._options;
    const dialog = new Dialog({
      title: trans.__('Leave Project "%1"?', project.name),
      body: trans.__(
        'You lose access to its data, code and snippets until an owner invites you again.'
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.warnButton({ label: trans.__('Leave Project') })
      ],
      defaultButton: 0
    });
    dialog.addClass('orrery-dialog');
    const { button } = await dialog.launch();
    return button.accept;
  }

  private _makeHome(): Tab {
    const { app, cards, model, toolbar, trans } = this._options;
    const content = new Panel();
    const fill = async (): Promise<void> => {
      const { HomeModel } = await loaded(import('./home/model'));
      const { HomeView } = await loaded(import('./home/view'));
      const home = new HomeModel(model, cards, signal =>
        model.client.homePage({ signal })
      );
      content.disposed.connect(() => home.dispose());
      content.addWidget(new HomeView({ commands: app.commands, model: home, trans }));
    };
    content.addClass('orrery-page-scroll');
    const title = trans.__('Orrery Home');
    const tab = createTab({
      id: HOME,
      title,
      icon: orreryIcon,
      content,
      reveal: fill()
    });
    if (toolbar) {
      setToolbar(tab, toolbar);
      tab.toolbar.show();
    }
    return tab;
  }

  private _makePage(id: string, slug: string): Tab {
    const { app, model: projects, trans } = this._options;
    const content = new Panel();
    const fill = async (): Promise<void> => {
      const { ProjectPageModel } = await loaded(import('./page/model'));
      const { ProjectPage } = await loaded(import('./page/view'));
      const model = new ProjectPageModel(projects, slug);
      content.disposed.connect(() => model.dispose());
      model.changed.connect(() => {
        const name = model.project?.name ?? slug;
        tab.title.label = tabLabel(name);
        tab.title.caption = trans.__('Project "%1"', name);
      });
      content.addWidget(new ProjectPage({ commands: app.commands, model, trans }));
    };
    content.addClass('orrery-page-scroll');
    const tab = createTab({
      id,
      title: slug,
      icon: projectIcon,
      content,
      reveal: fill()
    });
    tab.title.caption = trans.__('Project "%1"', slug);
    return tab;
  }

  private _show(tracker: WidgetTracker<Tab>, id: string, make: () => Tab): Tab {
    const { shell } = this._options.app;
    const tab = tracker.find(widget => widget.id === id) ?? make();
    if (!tab.isAttached) {
      shell.add(tab, 'main');
    }
    if (!tracker.has(tab)) {
      void tracker.add(tab);
    }
    shell.activateById(id);
    return tab;
  }

  private readonly _homes = new WidgetTracker<Tab>({ namespace: HOME });
  private readonly _pages = new WidgetTracker<Tab>({ namespace: PAGE });
  private _closePicker: (() => void) | null = null;
}

function slugOfTab(id: string): string {
  return id.slice(PAGE.length + 1);
}
