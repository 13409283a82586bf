/** The bundler's address of a file that is copied to the site: https://vite.dev/guide/assets#explicit-url-imports */
declare module '*?url' {
  const url: string
  export default url
}
