/** The policy engine: what a document may say, and what comes of several of them. Pure; shared by construct, handlers and simulator. */
export * from './compose';
export * from './document';
export * from './grammar';
export * from './inheritance';
export * from './services';
