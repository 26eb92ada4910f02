import './base.css';
import './controls.css';
import './panel.css';
import './eda.css';
import './eda-view.css';
import './projects.css';
import './snippets.css';
