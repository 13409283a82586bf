# Serves the folder `site` beside this file: powershell -ExecutionPolicy Bypass -File serve.ps1 [PORT]
# For Windows without Python and Node. Nobody has tested it: the project is made on Linux.
param([int]$Port = 8080)
$site = Join-Path $PSScriptRoot 'site'
$types = '@TYPES@' | ConvertFrom-Json
$listener = New-Object System.Net.HttpListener
$listener.Prefixes.Add("http://localhost:$Port/")
$listener.Start()
Write-Host "Porthole is at http://localhost:$Port/ (Ctrl-C stops it)"
try {
  while ($listener.IsListening) {
    $context = $listener.GetContext()
    $response = $context.Response
    try {
      $path = [Uri]::UnescapeDataString($context.Request.Url.AbsolutePath)
      if ($path.EndsWith('/')) { $path += 'index.html' }
      $file = [IO.Path]::GetFullPath((Join-Path $site $path))
      if ($file.StartsWith($site + [IO.Path]::DirectorySeparatorChar) -and [IO.File]::Exists($file)) {
        $type = $types.([IO.Path]::GetExtension($file))
        $response.ContentType = if ($type) { $type } else { 'application/octet-stream' }
        $response.Headers.Add('Cache-Control', 'no-cache')
        $bytes = [IO.File]::ReadAllBytes($file)
        $response.ContentLength64 = $bytes.Length
        if ($context.Request.HttpMethod -ne 'HEAD') { $response.OutputStream.Write($bytes, 0, $bytes.Length) }
      } else { $response.StatusCode = 404 }
    } catch { $response.StatusCode = 500 } finally { $response.Close() }
  }
} finally { $listener.Stop() }
