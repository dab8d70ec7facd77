# What `npm install` builds.  CMakeLists.txt lists the same sources; test/unit/architecture.test.ts compares them.
{
  "variables": {
    "core_sources": [
      "native/core/belief.cpp",
      "native/core/candidate_pool.cpp",
      "native/core/candidate_scan.cpp",
      "native/core/canonical.cpp",
      "native/core/climb.cpp",
      "native/core/climb_entropy.cpp",
      "native/core/distribution_draw.cpp",
      "native/core/expression.cpp",
      "native/core/gaussian_process.cpp",
      "native/core/graph.cpp",
      "native/core/graph_flow.cpp",
      "native/core/graph_labels.cpp",
      "native/core/kernel_shape.cpp",
      "native/core/model.cpp",
      "native/core/plans.cpp",
      "native/core/program.cpp",
      "native/core/relaxation.cpp",
      "native/core/representatives.cpp",
      "native/core/section.cpp",
      "native/core/similarity.cpp",
      "native/core/space.cpp",
      "native/core/space_keys.cpp",
    ],
    "cpu_sources": [
      "native/cpu/attention.cpp",
      "native/cpu/climb.cpp",
      "native/cpu/cpu_backend.cpp",
      "native/cpu/fit.cpp",
      "native/cpu/gcn.cpp",
      "native/cpu/head.cpp",
      "native/cpu/isa.cpp",
      "native/cpu/loss.cpp",
      "native/cpu/mlp.cpp",
      "native/cpu/network.cpp",
      "native/cpu/pass.cpp",
      "native/cpu/score_plan.cpp",
      "native/cpu/scorer.cpp",
      "native/cpu/thread_pool.cpp",
      "native/cpu/topology.cpp",
      "native/cpu/transformer.cpp",
      "native/cpu/weights.cpp",
    ],
    "node_sources": [
      "native/node/addon.cpp",
      "native/node/args.cpp",
      "native/node/args_space.cpp",
      "native/node/belief.cpp",
      "native/node/pool.cpp",
      "native/node/proxy.cpp",
      "native/node/scoring.cpp",
      "native/node/space.cpp",
      "native/node/task.cpp",
    ],
    # GCC 12 takes the "undefined" operand inside its own AVX-512 headers for an uninitialised variable.
    "kernel_flags": ["-std=c++20", "-O3", "-fno-lto", "-ffp-contract=off", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra", "-Wno-maybe-uninitialized", "-Wno-uninitialized"],
  },
  "target_defaults": {
    "default_configuration": "Release",
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-fno-exceptions", "-fno-rtti"],
    "cflags_cc": ["-std=c++20", "-Wall", "-Wextra"],
    "xcode_settings": {
      "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
      "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
      "MACOSX_DEPLOYMENT_TARGET": "11.0",
    },
    "msvs_settings": {"VCCLCompilerTool": {"ExceptionHandling": 1, "AdditionalOptions": ["/std:c++20"]}},
  },
  "targets": [
    {
      "target_name": "optiproxy",
      "sources": ["<@(core_sources)", "<@(cpu_sources)", "<@(node_sources)"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      # The last: a worker thread that is terminated can take no exception, and must not abort the process for it.
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_CPP_EXCEPTIONS", "NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED",
                  "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "conditions": [
        ["target_arch=='x64'", {"dependencies": ["kernels_baseline", "kernels_avx2", "kernels_avx512"]}],
        ["target_arch=='arm64'", {"dependencies": ["kernels_neon"]}],
      ],
    },
  ],
  # One library for each ISA: its flags must reach no other file, or that file's code would need the ISA too.
  "conditions": [
    ["target_arch=='x64'", {
      "targets": [
        {
          "target_name": "kernels_baseline",
          "type": "static_library",
          "sources": ["native/cpu/kernels_baseline.cpp"],
          "cflags_cc": ["<@(kernel_flags)"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)"]},
        },
        {
          "target_name": "kernels_avx2",
          "type": "static_library",
          "sources": ["native/cpu/kernels_avx2.cpp"],
          "cflags_cc": ["<@(kernel_flags)", "-mavx2", "-mfma"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "-mavx2", "-mfma"]},
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/arch:AVX2"]}},
        },
        {
          "target_name": "kernels_avx512",
          "type": "static_library",
          "sources": ["native/cpu/kernels_avx512.cpp"],
          "cflags_cc": ["<@(kernel_flags)", "-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mavx2", "-mfma"],
          "xcode_settings": {
            "OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)", "-mavx512f", "-mavx512vl", "-mavx512bw", "-mavx512dq", "-mavx2", "-mfma"],
          },
          "msvs_settings": {"VCCLCompilerTool": {"AdditionalOptions": ["/arch:AVX512"]}},
        },
      ],
    }],
    ["target_arch=='arm64'", {
      "targets": [
        {
          "target_name": "kernels_neon",
          "type": "static_library",
          "sources": ["native/cpu/kernels_neon.cpp"],
          "cflags_cc": ["<@(kernel_flags)"],
          "xcode_settings": {"OTHER_CPLUSPLUSFLAGS": ["<@(kernel_flags)"]},
        },
      ],
    }],
  ],
}
