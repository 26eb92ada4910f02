/**
 * A side panel whose content is loaded when it is first seen.
 */
import { BoxPanel, type Widget } from '@lumino/widgets';
import { Spinner } from '@jupyterlab/apputils';

/** A panel that loads its content when it is first seen. */
export class LazyPanel extends BoxPanel {
  /** @param failed Told when the content could not be loaded; it is tried again when next seen. */
  constructor(load: () => Promise<Widget>, failed: (error: unknown) => void) {
    super({ spacing: 0 });
    this._load = load;
    this._failed = failed;
  }

  protected override onAfterAttach(): void {
    this._open();
  }

  protected override onAfterShow(): void {
    this._open();
  }

  protected override onActivateRequest(): void {
    this._open();
    void this._content?.then(content => content?.activate());
  }

  private _open(): void {
    if (this.isVisible) {
      this._content ??= this._fill();
    }
  }

  private async _fill(): Promise<Widget | null> {
    const spinner = new Spinner();
    this.addWidget(spinner);
    try {
      const content = await this._load();
      this.addWidget(content);
      return content;
    } catch (error) {
      this._content = null;
      this._failed(error);
      return null;
    } finally {
      spinner.dispose();
    }
  }

  private readonly _load: () => Promise<Widget>;
  private readonly _failed: (error: unknown) => void;
  private _content: Promise<Widget | null> | null = null;
}
