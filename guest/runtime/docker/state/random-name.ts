/** Names for containers that nobody named: an adjective and the surname of someone who built what we stand on. */
import type { RandomBytes } from './ids.ts'

const ADJECTIVES =
  'able agile amber ardent awake bold brave bright brisk calm candid careful cheerful clever cosmic crisp curious daring dazzling deft eager earnest easy elastic elegant epic exact fair fearless festive fluent focused fond frosty gentle gifted glad golden graceful happy hardy hopeful humble inspired jolly keen kind lively lucid lucky merry mindful modest neat nimble noble patient peaceful plucky polite practical proud quick quiet ready relaxed robust serene sharp silent sincere smart steady stoic sunny swift tender thrifty tidy trusting upbeat vibrant vigilant vivid warm watchful wise witty wonderful zealous zen'.split(
    ' ',
  )

const SURNAMES =
  'agnesi allen almeida antonelli babbage backus banach bardeen bartik bassi bell benz berners bhaskara blackburn bohr boole borg bose brown burnell cannon carson cerf chandrasekhar chaplygin chebyshev clarke cohen conway cori cray curie darwin diffie dijkstra easley einstein elion engelbart euclid euler feistel fermat fermi feynman franklin galileo gates gauss germain goldberg goldstine goodall gould hamilton haslett hawking heisenberg hellman herschel hertz heyrovsky hodgkin hofstadter hoover hopper hypatia ishizaka jackson jang jepsen johnson joliot jones kalam kapitsa kare keldysh keller kepler khayyam khorana kilby kirch knuth kowalevski lalande lamarr lamport leakey leavitt lederberg lehmann lewin lichterman liskov lovelace lumiere mahavira margulis matsumoto maxwell mayer mccarthy mcclintock mclaren meitner mendel mendeleev merkle mestorf mirzakhani moore morse murdock napier nash neumann newton nightingale nobel noether northcutt noyce panini pare pascal pasteur payne perlman pike poincare poitras proskuriakova ptolemy raman ramanujan ride ritchie roentgen rosalind rubin saha sammet sanderson satoshi shamir shannon shaw shirley shtern sinoussi snyder solomon spence stallman stonebraker sutherland swanson swartz swirles taussig tesla tharp thompson torvalds turing varahamihira vaughan villani visvesvaraya volhard wescoff wilbur wiles williams wilson wing wozniak wright wu yalow yonath zhukovsky'.split(
    ' ',
  )

/** A random name; from the second try on a digit is appended, as Docker does. */
export function randomName(random: RandomBytes, attempt: number): string {
  const pick = (words: string[]) => {
    const [high = 0, low = 0] = random(2)
    return words[(high * 256 + low) % words.length]!
  }
  const name = `${pick(ADJECTIVES)}_${pick(SURNAMES)}`
  return attempt === 0 ? name : `${name}${random(1)[0]! % 10}`
}
