import './base.css';
import './controls.css';
import './eda.css';
import './eda-view.css';
import './projects.css';
import './snippets.css';
