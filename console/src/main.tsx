import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/frame.css';
import { follow } from './api/events';
import { Frame } from './frame/Frame';
import { wear } from './frame/colours';
import { watchStatus } from './state/instance';

wear();
watchStatus();
follow();
render(<Frame />, document.getElementById('app')!);
