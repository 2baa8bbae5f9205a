#include "daemon/weights/pickle_globals.h"

#include <algorithm>

namespace owrd::weights {
namespace {

/// PyTorch, torch/_weights_only_unpickler.py: _get_allowed_globals().
constexpr std::string_view kAllowed[] = {
    "_codecs.encode",
    "builtins.bytearray",
    "builtins.complex",
    "builtins.set",
    "collections.Counter",
    "collections.OrderedDict",
    "torch.Size",
    "torch.Tensor",
    "torch.device",
    "torch.nn.parameter.Parameter",
    "torch.serialization._get_layout",
    "torch.storage.TypedStorage",
    "torch.storage.UntypedStorage",
    "torch._tensor._rebuild_from_type_v2",
    "torch._utils._rebuild_device_tensor_from_cpu_tensor",
    "torch._utils._rebuild_device_tensor_from_numpy",
    "torch._utils._rebuild_meta_tensor_no_storage",
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
    "torch._utils._rebuild_qtensor",
    "torch._utils._rebuild_sparse_tensor",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
    "torch._utils._rebuild_wrapper_subclass",
};

/// Behind "torch.": the types of storages, old tensors, elements and quantization schemes.
constexpr std::string_view kAllowedOfTorch[] = {
    "BFloat16Storage",
    "BoolStorage",
    "ByteStorage",
    "CharStorage",
    "ComplexDoubleStorage",
    "ComplexFloatStorage",
    "DoubleStorage",
    "FloatStorage",
    "HalfStorage",
    "IntStorage",
    "LongStorage",
    "QInt32Storage",
    "QInt8Storage",
    "QUInt2x4Storage",
    "QUInt4x2Storage",
    "QUInt8Storage",
    "ShortStorage",
    "BFloat16Tensor",
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
    "bfloat16",
    "bool",
    "complex128",
    "complex32",
    "complex64",
    "float16",
    "float32",
    "float64",
    "float4_e2m1fn_x2",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
    "int16",
    "int32",
    "int64",
    "int8",
    "int1",
    "int2",
    "int3",
    "int4",
    "int5",
    "int6",
    "int7",
    "uint1",
    "uint2",
    "uint3",
    "uint4",
    "uint5",
    "uint6",
    "uint7",
    "qint32",
    "qint8",
    "quint2x4",
    "quint4x2",
    "quint8",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "per_channel_affine",
    "per_channel_affine_float_qparams",
    "per_channel_symmetric",
    "per_tensor_affine",
    "per_tensor_symmetric",
};

/// Modules of which nothing has a place among weights.
constexpr std::string_view kModules[] = {
    "_aix_support",
    "_ctypes",
    "_io",
    "_operator",
    "_osx_support",
    "_pickle",
    "_posixsubprocess",
    "_pyrepl",
    "_socket",
    "_thread",
    "aiohttp",
    "antigravity",
    "ast",
    "asyncio",
    "atexit",
    "bdb",
    "cProfile",
    "cffi",
    "cloudpickle",
    "code",
    "codeop",
    "commands",
    "concurrent",
    "ctypes",
    "dill",
    "dis",
    "distutils",
    "doctest",
    "ensurepip",
    "fcntl",
    "fileinput",
    "ftplib",
    "functools",
    "gc",
    "getpass",
    "glob",
    "http",
    "httplib",
    "idlelib",
    "imaplib",
    "imp",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "lib2to3",
    "linecache",
    "logging",
    "mailcap",
    "marshal",
    "mmap",
    "modulefinder",
    "multiprocessing",
    "netrc",
    "nntplib",
    "nt",
    "ntpath",
    "operator",
    "os",
    "paramiko",
    "pathlib",
    "pdb",
    "pickle",
    "pickletools",
    "pip",
    "pkg_resources",
    "pkgutil",
    "platform",
    "poplib",
    "popen2",
    "posix",
    "posixpath",
    "profile",
    "pstats",
    "pty",
    "py_compile",
    "pyclbr",
    "pydoc",
    "requests",
    "resource",
    "runpy",
    "sched",
    "select",
    "selectors",
    "setuptools",
    "shelve",
    "shutil",
    "signal",
    "site",
    "smtplib",
    "socket",
    "socketserver",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "sysconfig",
    "tarfile",
    "telnetlib",
    "tempfile",
    "test",
    "threading",
    "timeit",
    "trace",
    "traceback",
    "types",
    "unittest",
    "urllib",
    "urllib2",
    "urllib3",
    "uuid",
    "venv",
    "webbrowser",
    "weakref",
    "winreg",
    "xmlrpc",
    "zipapp",
    "zipfile",
    "zipimport",
};

/// Longer beginnings of paths that lead to code or files.
constexpr std::string_view kPrefixes[] = {
    "joblib.load",        "numpy.distutils.", "numpy.f2py.",
    "numpy.fromfile",     "numpy.lib.npyio.", "numpy.load",
    "numpy.testing.",     "torch._dynamo.",   "torch._inductor.",
    "torch.classes.",     "torch.compile",    "torch.cuda._utils.",
    "torch.distributed.", "torch.fx.",        "torch.hub.",
    "torch.jit.",         "torch.load",       "torch.multiprocessing.",
    "torch.ops.",         "torch.package.",   "torch.serialization.load",
    "torch.utils.",       "torch.save",
};

/// Names that run or reach code wherever they stand in a path.
constexpr std::string_view kWords[] = {
    "__builtins__", "__class__",  "__closure__", "__code__",   "__dict__",       "__getattribute__",
    "__globals__",  "__import__", "__mro__",     "__reduce__", "__subclasses__", "_run_code",
    "apply",        "breakpoint", "compile",     "delattr",    "eval",           "exec",
    "execfile",     "execl",      "execv",       "execve",     "file",           "fork",
    "getattr",      "globals",    "input",       "locals",     "open",           "popen",
    "run_cprofile", "runcode",    "setattr",     "spawn",      "system",         "vars",
};

template <class List>
bool holds(const List& list, std::string_view text) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

bool has_dangerous_part(std::string_view path) {
  while (true) {
    const auto dot = path.find('.');
    const auto part = path.substr(0, dot);
    if (holds(kWords, part) || part == "os" || part == "sys" || part == "subprocess") return true;
    if (dot == path.npos) return false;
    path.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string modern_global(std::string_view path) {
  static constexpr std::string_view kOld = "__builtin__.";
  if (!path.starts_with(kOld)) return std::string(path);
  return "builtins." + std::string(path.substr(kOld.size()));
}

GlobalKind kind_of_global(std::string_view written) {
  const auto path = modern_global(written);
  static constexpr std::string_view kTorch = "torch.";
  if (holds(kAllowed, path)) return GlobalKind::WeightsOnly;
  if (path.starts_with(kTorch) && holds(kAllowedOfTorch, std::string_view(path).substr(6)))
    return GlobalKind::WeightsOnly;
  const auto module = std::string_view(path).substr(0, path.find('.'));
  const bool is_known_bad =
      holds(kModules, module) || has_dangerous_part(path) ||
      std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                  [&](std::string_view prefix) { return path.starts_with(prefix); });
  return is_known_bad ? GlobalKind::Dangerous : GlobalKind::Unknown;
}

}  // namespace owrd::weights
