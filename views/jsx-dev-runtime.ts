// Outside production Bun asks for this module and for jsxDEV in it.
export { Fragment, type JSX, jsx as jsxDEV } from './jsx-runtime'
