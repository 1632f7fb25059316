// `import Plush` is all that most programs need.
@_exported import PlushData
@_exported import PlushEngine
@_exported import PlushFormats
@_exported import PlushNN
@_exported import PlushTensor
