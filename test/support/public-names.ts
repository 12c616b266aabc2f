import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from './project.js'

/** A name that users can import, or a member of one. */
export interface PublicName {
  readonly name: string
  readonly documented: boolean
}

/** All names that the entries of the package export, and the public members of their interfaces, classes and object types. */
export function publicNames(): { readonly names: PublicName[]; readonly members: PublicName[] } {
  const entries = ['src/index.ts', 'streams/index.ts', 'src/tensor/index.ts'].map(file => join(ROOT, file))
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  const program = ts.createProgram(entries, { ...options, noEmit: true })
  const checker = program.getTypeChecker()
  const resolve = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const symbols = entries.flatMap(file => {
    return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)!)!)
  })
  return {
    names: symbols.map(symbol => {
      return { name: symbol.name, documented: resolve(symbol).getDocumentationComment(checker).length > 0 }
    }),
    members: symbols.flatMap(symbol => {
      const own = (resolve(symbol).declarations ?? []).filter(node => isOurs(node.getSourceFile()))
      return own.flatMap(bodiesOf).flatMap(body => membersOf(body, symbol.name, checker))
    }),
  }
}

type Body = ts.InterfaceDeclaration | ts.ClassDeclaration | ts.TypeLiteralNode

function isOurs({ fileName }: ts.SourceFile): boolean {
  return fileName.startsWith(ROOT) && !fileName.includes('node_modules')
}

/** Where the members of a name are listed; the members of a union are those of its alternatives. */
function bodiesOf(node: ts.Node): Body[] {
  if (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node) || ts.isTypeLiteralNode(node)) return [node]
  if (ts.isTypeAliasDeclaration(node) || ts.isParenthesizedTypeNode(node)) return bodiesOf(node.type)
  return ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node) ? node.types.flatMap(bodiesOf) : []
}

function membersOf(body: Body, of: string, checker: ts.TypeChecker): PublicName[] {
  return body.members.filter(isPublic).flatMap(member => {
    const name = `${of}.${member.name?.getText() ?? 'constructor'}`
    // Its own comment, or that of what it implements.
    const inherited = member.name && checker.getSymbolAtLocation(member.name)?.getDocumentationComment(checker)
    const documented = ts.getJSDocCommentsAndTags(member).length > 0 || (inherited?.length ?? 0) > 0
    // What stands in braces behind a comment is explained by it.
    const inner = !documented && ts.isPropertySignature(member) && member.type ? bodiesOf(member.type) : []
    return [
      { name, documented: documented || speaksForItself(member) },
      ...inner.flatMap(b => membersOf(b, name, checker)),
    ]
  })
}

function isPublic(member: ts.ClassElement | ts.TypeElement): boolean {
  const hidden = (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0
  return !hidden && !(member.name && ts.isPrivateIdentifier(member.name)) && !ts.isIndexSignatureDeclaration(member)
}

/** The name of an alternative, and a constructor of nothing but options, which have comments of their own. */
function speaksForItself(member: ts.ClassElement | ts.TypeElement): boolean {
  if (ts.isConstructorDeclaration(member)) return member.parameters.length <= 1
  return ts.isPropertySignature(member) && member.name.getText() === 'kind' && ts.isLiteralTypeNode(member.type!)
}
