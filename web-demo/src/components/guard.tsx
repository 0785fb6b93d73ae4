import { Component, type ReactNode } from 'react';

/** What is drawn from a stranger's data and cannot be is said in `words`; the rest of the page stays. */
export class Guard extends Component<{ words: string; children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };
  static getDerivedStateFromError() {
    return { isBroken: true };
  }
  override render() {
    return this.state.isBroken ? <p className="notice">{this.props.words}</p> : this.props.children;
  }
}
